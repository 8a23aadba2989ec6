import { getEventListeners } from 'node:events'
import test from 'ava'
import { settled } from '../../src/testing/virtual-clock.ts'
import { draining, IDLE } from './draining.ts'
import type { VirtualClock } from '../../src/testing/virtual-clock.ts'

test('an idle connection is closed after the idle time, and its newStream and timers are restored', async t => {
  const { clock, connection, begin, closesAfter, errors } = draining()
  const { newStream } = connection
  await begin()
  await closesAfter(t, IDLE)
  t.deepEqual(errors, [])
  t.is(clock.pending, 0)
  t.is(connection.newStream, newStream)
})

test('an idle connection is not closed in the first 100 ms, so that both ends see the one that stays', async t => {
  const { begin, closesAfter } = draining()
  await begin({ idle: () => 0 })
  await closesAfter(t, 100)
})

test('a shorter idle time takes effect on a running drain', async t => {
  const { clock, connection, begin } = draining()
  let idle = IDLE
  const drain = await begin({ idle: () => idle })
  await clock.advance(IDLE / 2)
  idle = 0
  const stream = connection.open('/chat/1.0.0')
  drain.look()
  await clock.advance(IDLE)
  t.is(connection.status, 'open')
  idle = 2 * IDLE
  connection.finish(stream)
  await clock.advance(2 * IDLE - 1)
  t.is(connection.status, 'open')
  idle = 0
  drain.look()
  await settled()
  t.is(connection.status, 'closed')
})

test('the connection is closed at the deadline, also with open streams', async t => {
  const { clock, connection, begin, closesAfter } = draining()
  connection.open('/chat/1.0.0')
  await begin({ deadline: clock.now() + 5_000 })
  await closesAfter(t, 5_000)
})

test('mayClose() is asked again with growing intervals after false', async t => {
  const { clock, connection, begin } = draining()
  const asked: number[] = []
  const begun = clock.now()
  await begin({
    mayClose: async () => {
      asked.push(clock.now() - begun)

      return asked.length === 5
    }
  })
  await clock.advance(10_000)
  t.deepEqual(asked, [1_000, 1_100, 1_300, 1_700, 2_500])
  t.is(connection.status, 'closed')
})

for (const [when, act] of [['before', async () => {}], ['while it is asked whether it may be closed', async clock => clock.advance(IDLE)]] as Array<[string, (clock: VirtualClock) => Promise<void>]>) {
  test(`ending a drain ${when} leaves the connection open, without timers or listeners`, async t => {
    const { clock, connection, begin, errors } = draining()
    const { newStream } = connection
    const stream = connection.open(when === 'before' ? '/chat/1.0.0' : '/ipfs/ping/1.0.0')
    let answer = (_: boolean): void => {}
    const drain = await begin({ mayClose: async () => new Promise(resolve => { answer = resolve }) })
    await act(clock)
    drain.end()
    answer(true)
    await clock.advance(10 * IDLE)
    t.is(connection.status, 'open')
    t.is(connection.newStream, newStream)
    t.is(clock.pending, 0)
    t.is(getEventListeners(stream, 'close').length, 0)
    t.deepEqual(errors, [])
  })
}

test('a failing close() is called and reported once', async t => {
  const { clock, connection, begin, errors } = draining()
  connection.failure = new Error('No')
  await begin()
  await clock.advance(IDLE)
  t.deepEqual(errors, [connection.failure])
  await clock.advance(10 * IDLE)
  t.is(connection.closes, 1)
  t.is(clock.pending, 0)
})
