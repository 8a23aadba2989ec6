import { getEventListeners } from 'node:events'
import test from 'ava'
import { isResponsive } from '../../src/convergence/is-responsive.ts'
import { draining, IDLE } from './draining.ts'

for (const [when, ...protocols] of [['', '/chat/1.0.0', '/chat/1.0.0'], [' without a protocol at first', '', '/chat/1.0.0']] as const) {
  test(`a stream of an application${when} keeps the connection open until the idle time after its end`, async t => {
    const { clock, connection, begin, closesAfter } = draining()
    const stream = connection.open(protocols[0])
    await begin()
    await clock.advance(100 * IDLE)
    t.is(connection.status, 'open')
    Object.assign(stream, { protocol: protocols[1] })
    connection.finish(stream)
    await closesAfter(t, IDLE)
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
  const { clock, connection, begin, closesAfter } = draining()
  await begin()

  for (let i = 0; i < 10; i++) {
    await clock.advance(IDLE - 1)
    await connection.newStream('/chat/1.0.0')
  }

  await closesAfter(t, IDLE)
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

test('a check whether the connection answers does not restart the idle time', async t => {
  const { clock, connection, begin, closesAfter } = draining()
  await begin()
  await clock.advance(IDLE - 1)
  t.true(await isResponsive(connection.real, clock, new AbortController().signal))
  t.is(connection.checks, 1)
  await closesAfter(t, 1)
})

test('a stream that is still opening keeps the connection open', async t => {
  const { clock, connection, begin, closesAfter } = draining()
  const opening = Promise.withResolvers<void>()
  connection.answer = async () => opening.promise
  await begin()
  const stream = connection.newStream('/chat/1.0.0')
  await clock.advance(10 * IDLE)
  t.is(connection.status, 'open')
  opening.reject(new Error('Refused'))
  await t.throwsAsync(stream, { message: 'Refused' })
  await closesAfter(t, IDLE)
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

for (const protocol of ['/ipfs/ping/1.0.0', '']) {
  test(`an inbound stream that ends ${protocol === '' ? 'without a protocol' : 'as a ping'} does not restart the idle time`, async t => {
    const { clock, connection, begin, closesAfter } = draining()
    const stream = connection.open('')
    await begin()
    await clock.advance(IDLE - 1)
    Object.assign(stream, { protocol })
    connection.finish(stream)
    await closesAfter(t, 1)
  })
}

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
