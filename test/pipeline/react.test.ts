import test from 'ava'
import { sleep } from '../../src/pipeline/clock.ts'
import { react, Work } from '../../src/pipeline/react.ts'
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
