import test from 'ava'
import { sleep } from '../../src/pipeline/clock.ts'
import { react, reactAll, Work } from '../../src/pipeline/react.ts'
import { Wake } from '../../src/pipeline/wake.ts'
import { Upstream } from '../../src/testing/compliance/upstream.ts'
import { settled, VirtualClock } from '../../src/testing/virtual-clock.ts'

function begun (step: (work: Work, input: unknown) => string = (_work, input) => String(input)): { clock: VirtualClock, controller: AbortController, upstream: Upstream, work: Work, out: string[], done: Promise<void> } {
  const clock = new VirtualClock()
  const controller = new AbortController()
  const upstream = new Upstream(controller.signal)
  const work = new Work()
  const out: string[] = []
  const done = (async () => {
    for await (const one of react(upstream, controller.signal, work, input => step(work, input))) {
      out.push(one)
    }
  })()
  done.catch(() => {})

  return { clock, controller, upstream, work, out, done }
}

test('answers each input, and the newest again when there is news', async t => {
  const { upstream, work, out } = begun((_work, input) => `${input} ${out.length}`)
  upstream.give('a')
  await settled()
  work.changed()
  await settled()
  upstream.give('b')
  await settled()
  t.deepEqual(out, ['a 0', 'a 1', 'b 2'])
})

test('news before the first input waits for it', async t => {
  const { upstream, work, out } = begun()
  work.changed()
  await settled()
  t.deepEqual(out, [])
  upstream.give('a')
  await settled()
  t.deepEqual(out, ['a'])
})

test('ends when its source has ended and nothing is pending', async t => {
  const { clock, controller, upstream, work, out, done } = begun((work, input) => `${input} ${work.pending}`)
  upstream.give('a')
  await settled()
  work.add(sleep(100, clock, controller.signal))
  upstream.end()
  let ended = false
  const watched = done.then(() => { ended = true })
  await clock.advance(99)
  t.false(ended)
  await clock.advance(1)
  await watched
  t.deepEqual(out, ['a 0', 'a 0'])
})

test('ends when its source ends without anything', async t => {
  const { upstream, done, out } = begun()
  upstream.end()
  await done
  t.deepEqual(out, [])
})

test('work that fails ends it, and its source', async t => {
  const { upstream, work, done } = begun()
  upstream.give('a')
  await settled()
  work.add(Promise.reject(new Error('Broken')))
  await t.throwsAsync(done, { message: 'Broken' })
  t.is(work.pending, 0)
})

test('a source that fails ends it', async t => {
  const { upstream, done } = begun()
  upstream.fail(new Error('Broken'))
  await t.throwsAsync(done, { message: 'Broken' })
})

test('an abort ends it for the signal\'s reason, and leaves nothing', async t => {
  const { controller, upstream, done } = begun()
  upstream.give('a')
  await settled()
  controller.abort(new Error('Enough'))
  await t.throwsAsync(done, { message: 'Enough' })
  await settled()
  t.is(upstream.open, 0)
})

test('of several in one loop all answer an input, and news only asks its own and those below', async t => {
  const { signal } = new AbortController()
  const upstream = new Upstream(signal)
  const wake = new Wake()
  const works = [new Work(wake), undefined, new Work(wake)]
  const steps = works.map((work, i) => {
    let asked = 0

    return { work, next: (input: unknown) => `${input} ${i}${asked++}` }
  })
  const out: string[] = []
  const done = (async () => {
    for await (const one of reactAll(upstream, signal, wake, steps)) {
      out.push(one)
    }
  })()

  upstream.give('a')
  await settled()
  works[2]?.changed()
  await settled()
  works[0]?.changed()
  works[2]?.changed()
  await settled()
  upstream.give('b')
  upstream.end()
  await done

  t.deepEqual(out, ['a 00 10 20', 'a 00 10 21', 'a 01 11 22', 'b 02 12 23'])
})

test('of several in one loop one that is pending keeps all, and one that fails ends all', async t => {
  const clock = new VirtualClock()
  const { signal } = new AbortController()
  const upstream = new Upstream(signal)
  const wake = new Wake()
  const works = [new Work(wake), new Work(wake)]
  const out: unknown[] = []
  const done = (async () => {
    for await (const one of reactAll(upstream, signal, wake, works.map(work => ({ work, next: (input: unknown) => input })))) {
      out.push(one)
    }
  })()
  done.catch(() => {})
  upstream.give('a')
  await settled()
  works[0]?.add(sleep(100, clock, signal))
  upstream.end()
  await clock.advance(50)
  t.deepEqual(out, ['a'])
  works[1]?.add(Promise.reject(new Error('Broken')))
  await t.throwsAsync(done, { message: 'Broken' })
  await clock.advance(50)
})
