import { getEventListeners } from 'node:events'
import test from 'ava'
import { BACKGROUND, drain } from '../../src/convergence/drain.ts'
import { settled, VirtualClock } from '../../src/testing/virtual-clock.ts'
import { FakeConnection } from './fakes.ts'
import type { DrainInit } from '../../src/convergence/drain.ts'

const IDLE = 1_000

interface Draining {
  clock: VirtualClock
  connection: FakeConnection
  controller: AbortController
  begin (init?: Partial<DrainInit>): Promise<void>
  end (): Promise<unknown>
}

function draining (): Draining {
  const clock = new VirtualClock(1_000_000)
  const connection = new FakeConnection()
  const controller = new AbortController()
  let ended: Promise<unknown> = Promise.resolve()

  return {
    clock,
    connection,
    controller,
    begin: async init => {
      ended = drain(connection.real, {
        clock,
        idle: IDLE,
        settle: 100,
        background: BACKGROUND,
        mayClose: async () => true,
        close: async connection => connection.close(),
        ...init
      }, controller.signal).catch(err => err)
      await settled()
    },
    end: async () => ended
  }
}

test('an idle connection is closed after a while, and nothing is left of it', async t => {
  const { clock, connection, begin, end, controller } = draining()
  const { newStream } = connection
  await begin()
  await clock.advance(IDLE - 1)
  t.is(connection.status, 'open')
  await clock.advance(1)
  t.is(connection.status, 'closed')
  t.is(await end(), undefined)
  t.is(clock.pending, 0)
  t.is(connection.newStream, newStream)
  t.is(getEventListeners(controller.signal, 'abort').length, 0)
})

test('not before both ends have seen the one that stays', async t => {
  const { clock, connection, begin } = draining()
  await begin({ idle: 0 })
  await clock.advance(99)
  t.is(connection.status, 'open')
  await clock.advance(1)
  t.is(connection.status, 'closed')
})

for (const protocol of ['/chat/1.0.0', '']) {
  test(`a stream of ${protocol === '' ? 'what is not negotiated yet' : 'an application'} holds it until it has ended, and a while longer`, async t => {
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

test('a stream of the remote that begins while it is idle holds it', async t => {
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

test('whoever opens a stream on it now and then keeps it, however short they are', async t => {
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

test('what libp2p runs by itself does not hold it, and what it runs is for the user to say', async t => {
  const { clock, connection, begin } = draining()
  connection.open('/ipfs/ping/1.0.0')
  connection.open('/ipfs/id/push/1.0.0')
  await begin()
  await clock.advance(IDLE)
  t.is(connection.status, 'closed')

  const other = draining()
  other.connection.open('/ipfs/ping/1.0.0')
  other.connection.open('/gossip')
  await other.begin({ background: ['/gossip'] })
  await other.clock.advance(10 * IDLE)
  t.is(other.connection.status, 'open')
  other.controller.abort()
})

test('at the deadline nothing holds it', async t => {
  const { clock, connection, begin } = draining()
  connection.open('/chat/1.0.0')
  await begin({ deadline: clock.now() + 5_000 })
  await clock.advance(4_999)
  t.is(connection.status, 'open')
  await clock.advance(1)
  t.is(connection.status, 'closed')
})

test('one that may not be closed is asked for again, less and less often', async t => {
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

test('a stream that begins while it is asked whether it may be closed holds it', async t => {
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

test('when it is aborted the connection stays, and nothing is left', async t => {
  const { clock, connection, begin, end, controller } = draining()
  const stream = connection.open('/chat/1.0.0')
  const { newStream } = connection
  await begin()
  controller.abort(new Error('Enough'))
  t.is((await end() as Error).message, 'Enough')
  t.is(connection.status, 'open')
  t.is(connection.newStream, newStream)
  t.is(clock.pending, 0)
  t.is(getEventListeners(stream, 'close').length, 0)
})

test('that it could not be closed is told', async t => {
  const { clock, connection, begin, end } = draining()
  connection.failure = new Error('No')
  await begin()
  await clock.advance(IDLE)
  t.is(await end(), connection.failure)
  t.is(clock.pending, 0)
})
