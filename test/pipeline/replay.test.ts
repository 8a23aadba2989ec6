import test from 'ava'
import { Replay } from '../../src/pipeline/replay.ts'
import { Upstream } from '../../src/testing/compliance/upstream.ts'
import { settled } from '../../src/testing/virtual-clock.ts'

function begun (): { upstream: Upstream, replay: Replay<unknown>, follow (signal?: AbortSignal): { seen: unknown[], done: Promise<void> } } {
  const upstream = new Upstream(new AbortController().signal)
  const replay = new Replay(upstream)

  return {
    upstream,
    replay,
    follow: (signal = new AbortController().signal) => {
      const seen: unknown[] = []

      return { seen, done: (async () => { for await (const one of replay.follow(signal)) { seen.push(one) } })() }
    }
  }
}

test('each that follows begins with the newest value', async t => {
  const { upstream, follow } = begun()
  const controller = new AbortController()
  const first = follow(controller.signal)
  upstream.give('a')
  await settled()
  upstream.give('b')
  await settled()
  controller.abort(new Error('Over'))
  await t.throwsAsync(first.done, { message: 'Over' })
  t.deepEqual(first.seen, ['a', 'b'])

  const second = follow()
  await settled()
  upstream.give('c')
  await settled()
  t.deepEqual(second.seen, ['b', 'c'])
})

test('ends for all when the source has ended', async t => {
  const { upstream, follow } = begun()
  const first = follow()
  upstream.give('a')
  upstream.end()
  await first.done
  const second = follow()
  await second.done
  t.deepEqual([first.seen, second.seen], [['a'], ['a']])
})

test('fails for all when the source has failed', async t => {
  const { upstream, follow } = begun()
  upstream.fail(new Error('Broken'))
  await t.throwsAsync(follow().done, { message: 'Broken' })
  await t.throwsAsync(follow().done, { message: 'Broken' })
})

test('leaving it ends the source', async t => {
  const { upstream, replay, follow } = begun()
  const first = follow()
  upstream.give('a')
  upstream.end()
  await first.done
  replay.leave()
  await settled()
  t.is(upstream.open, 0)
})
