import { getEventListeners } from 'node:events'
import test from 'ava'
import { BACKGROUND, ConnectionDrain } from '../../src/convergence/connection-drain.ts'
import { settled, VirtualClock } from '../../src/testing/virtual-clock.ts'
import { FakeConnection } from './fakes.ts'
import type { ConnectionDrainInit } from '../../src/convergence/connection-drain.ts'

const IDLE = 1_000

interface Draining {
  clock: VirtualClock
  connection: FakeConnection
  errors: Error[]
  begin (init?: Partial<ConnectionDrainInit>): Promise<ConnectionDrain>
}

function draining (): Draining {
  const clock = new VirtualClock(1_000_000)
  const connection = new FakeConnection()
  const errors: Error[] = []

  return {
    clock,
    connection,
    errors,
    begin: async init => {
      const drain = new ConnectionDrain(connection.real, {
        clock,
        idle: () => IDLE,
        settle: 100,
        background: BACKGROUND,
        mayClose: async () => true,
        close: async () => connection.close(),
        onError: error => { errors.push(error) },
        ...init
      })
      await settled()

      return drain
    }
  }
}

test('an idle connection is closed after the idle time, and its newStream and timers are restored', async t => {
  const { clock, connection, begin, errors } = draining()
  const { newStream } = connection
  await begin()
  await clock.advance(IDLE - 1)
  t.is(connection.status, 'open')
  await clock.advance(1)
  t.is(connection.status, 'closed')
  t.deepEqual(errors, [])
  t.is(clock.pending, 0)
  t.is(connection.newStream, newStream)
})

test('an idle connection is not closed in the first 100 ms, so that both ends see the one that stays', async t => {
  const { clock, connection, begin } = draining()
  await begin({ idle: () => 0 })
  await clock.advance(99)
  t.is(connection.status, 'open')
  await clock.advance(1)
  t.is(connection.status, 'closed')
})

for (const protocol of ['/chat/1.0.0', '']) {
  test(`a stream of ${protocol === '' ? 'no protocol yet' : 'an application'} keeps the connection open until the idle time after its end`, async t => {
    const { clock, connection, begin } = draining()
    const stream = connection.open(protocol)
    await begin()
    await clock.advance(100 * IDLE)
    t.is(connection.status, 'open')
    connection.finish(stream)
    await clock.advance(IDLE - 1)
    t.is(connection.status, 'open')
    await clock.advance(1)
    t.is(connection.status, 'closed')
    t.is(getEventListeners(stream, 'close').length, 0)
  })
}

test('a stream that the remote opens during the idle time keeps the connection open', async t => {
  const { clock, connection, begin } = draining()
  await begin()
  await clock.advance(IDLE / 2)
  const stream = connection.open('/chat/1.0.0')
  await clock.advance(10 * IDLE)
  t.is(connection.status, 'open')
  connection.finish(stream)
  await clock.advance(IDLE)
  t.is(connection.status, 'closed')
})

test('short streams opened within each idle time keep the connection open', async t => {
  const { clock, connection, begin } = draining()
  await begin()

  for (let i = 0; i < 10; i++) {
    await clock.advance(IDLE - 1)
    await connection.newStream('/chat/1.0.0')
  }

  await clock.advance(IDLE - 1)
  t.is(connection.status, 'open')
  await clock.advance(1)
  t.is(connection.status, 'closed')
})

test('libp2p\'s background streams do not keep the connection open, unless the background option omits them', async t => {
  const { clock, connection, begin } = draining()
  connection.open('/ipfs/ping/1.0.0')
  connection.open('/ipfs/id/push/1.0.0')
  await begin()
  await clock.advance(IDLE)
  t.is(connection.status, 'closed')

  const other = draining()
  other.connection.open('/ipfs/ping/1.0.0')
  other.connection.open('/gossip')
  const drain = await other.begin({ background: ['/gossip'] })
  await other.clock.advance(10 * IDLE)
  t.is(other.connection.status, 'open')
  drain.end()
})

test('a ping every ten seconds does not keep the connection open', async t => {
  const { clock, connection, begin } = draining()
  await begin({ idle: () => 30_000 })

  for (let i = 0; i < 3; i++) {
    await clock.advance(9_999)
    await connection.newStream('/ipfs/ping/1.0.0')
    await connection.newStream(['/ipfs/id/push/1.0.0'])
  }

  t.is(connection.status, 'open')
  await clock.advance(3)
  t.is(connection.status, 'closed')
})

test('a stream that is still opening keeps the connection open', async t => {
  const { clock, connection, begin } = draining()
  const opening = Promise.withResolvers<void>()
  connection.answer = async () => opening.promise
  await begin()
  const stream = connection.newStream('/chat/1.0.0')
  await clock.advance(10 * IDLE)
  t.is(connection.status, 'open')
  opening.reject(new Error('Refused'))
  await t.throwsAsync(stream, { message: 'Refused' })
  await clock.advance(IDLE - 1)
  t.is(connection.status, 'open')
  await clock.advance(1)
  t.is(connection.status, 'closed')
})

test('an inbound stream that turns out to be a ping stops keeping the connection open', async t => {
  const { clock, connection, begin } = draining()
  const stream = connection.open('')
  await begin()
  await clock.advance(IDLE)
  Object.assign(stream, { protocol: '/ipfs/ping/1.0.0' })
  await clock.advance(60_000)
  t.is(connection.status, 'closed')
})

test('the connection is closed at the deadline, also with open streams', async t => {
  const { clock, connection, begin } = draining()
  connection.open('/chat/1.0.0')
  await begin({ deadline: clock.now() + 5_000 })
  await clock.advance(4_999)
  t.is(connection.status, 'open')
  await clock.advance(1)
  t.is(connection.status, 'closed')
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

test('a stream opened while mayClose() is pending keeps the connection open', async t => {
  const { clock, connection, begin } = draining()
  let asked = 0
  await begin({
    mayClose: async () => {
      asked++
      connection.open('/chat/1.0.0')

      return true
    }
  })
  await clock.advance(10 * IDLE)
  t.is(connection.status, 'open')
  t.is(asked, 1)
  connection.streams.forEach(stream => { connection.finish(stream) })
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
