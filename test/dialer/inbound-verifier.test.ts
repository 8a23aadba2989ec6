import test from 'ava'
import { sleep } from '../../src/pipeline/clock.ts'
import { watchUnhandled } from '../helpers/unhandled.ts'
import { LIMIT, scene, unanswered } from './inbound-scene.ts'
import type { CheckConnection } from '../../src/pipeline/connection-check.ts'

test('the check receives the connection, a signal and the components', async t => {
  const s = scene((connection, { signal }, components) => {
    t.true(Object.is(connection, s.connections[0]))
    t.false(signal.aborted)
    t.is(components.clock, s.clock)

    return true
  })
  t.plan(9)
  s.verifier.start()
  const connection = s.connect()
  t.false(s.verifier.hasVerified(connection.real))
  await s.clock.advance(0)
  t.true(s.verifier.hasVerified(connection.real))
  t.true(s.verified.includes(connection))

  t.deepEqual(s.closed, [])
  t.deepEqual(s.refused, [])
  t.true(s.isIdle())
})

for (const [what, check, message] of [
  ['answers false', () => false, 'refused /ip4/192.0.2.1/tcp/1'],
  ['answers a reason', async () => 'of another fleet', 'refused /ip4/192.0.2.1/tcp/1: of another fleet'],
  ['throws', () => { throw new Error('Broken') }, 'refused /ip4/192.0.2.1/tcp/1: Broken'],
  ['rejects', async () => { throw new Error('Broken') }, 'refused /ip4/192.0.2.1/tcp/1: Broken'],
  // `any`: a wrong value on purpose, which the check at run time refuses
  ['rejects with no Error', async () => Promise.reject(undefined as any), 'refused /ip4/192.0.2.1/tcp/1: Rejected with undefined'],
  // `any`: a wrong value on purpose, which the check at run time refuses
  ['answers undefined', (() => undefined) as any, 'answered undefined for /ip4/192.0.2.1/tcp/1: a check answers true, false or a reason in words']
] as Array<[string, CheckConnection, string]>) {
  test(`a connection whose check ${what} is closed with a reason`, async t => {
    const s = scene(check)
    s.verifier.start()
    const connection = s.connect()
    await s.clock.advance(0)

    t.deepEqual(s.refused, [`verifyInbound ${message} @0`])
    t.deepEqual(s.closed, [connection])
    t.true(s.isIdle())
  })
}

test('a connection whose check never settles is closed after addressDialTimeout, and the check\'s signal aborts', async t => {
  const { s, signals } = unanswered()
  s.connect()
  await s.clock.advance(LIMIT - 1)
  t.is(s.closed.length, 0)
  await s.clock.advance(1)
  t.deepEqual(s.refused, [`verifyInbound refused /ip4/192.0.2.1/tcp/1: the check took longer than ${LIMIT} ms @${LIMIT}`])
  t.is(signals[0]?.reason.name, 'TimeoutError')
  t.is(s.closed.length, 1)
  t.true(s.isIdle())
})

test.serial('a check that settles after its timeout is ignored', async t => {
  const unhandled = watchUnhandled(t)
  const s = scene(async (_connection, _options, { clock }) => {
    await sleep(LIMIT + 1_000, clock, new AbortController().signal)
    throw new Error('Late')
  })
  s.verifier.start()
  s.connect()
  await s.clock.advance(10_000)
  t.is(s.refused.length, 1)
  t.is(s.closed.length, 1)
  t.deepEqual(await unhandled(), [])
})

test('outbound connections are not checked', async t => {
  const s = scene(() => false)
  s.verifier.start()
  s.connect('a', 'outbound')
  await s.clock.advance(0)
  t.deepEqual(s.closed, [])
})

test('connections open before start() are checked once each', async t => {
  let checks = 0
  const s = scene(connection => {
    checks++

    return String(connection.remotePeer) === 'member'
  })
  s.connect('member')
  const stranger = s.connect('stranger')
  await s.clock.advance(0)
  t.is(checks, 0)

  s.verifier.start()
  s.verifier.start()
  await s.clock.advance(0)
  t.is(checks, 2)
  t.deepEqual(s.closed, [stranger])
  t.is(s.events.listenerCount('connection:open'), 1)
})

test('a connection that closes during its check is logged and not refused', async t => {
  const { s, signals } = unanswered()
  const connection = s.connect()
  await s.clock.advance(100)
  connection.gone()
  await s.clock.advance(0)
  t.is(signals[0]?.reason.name, 'ConnectionClosedError')
  t.deepEqual(s.lines, ['a connection of a was closed before it was verified'])
  t.deepEqual(s.refused, [])
  t.true(s.isIdle())
})

test('stop() aborts running checks, closes nothing and checks nothing more', async t => {
  const { s, signals } = unanswered()
  Array.from({ length: 6 }, () => s.connect())
  await s.clock.advance(0)
  s.verifier.stop()
  s.connect()
  await s.clock.advance(LIMIT)

  t.is(signals.length, 4)
  t.true(signals.every(({ reason }) => reason.name === 'AbortError'))
  t.deepEqual(s.refused, [])
  t.deepEqual(s.closed, [])
  t.is(s.events.listenerCount('connection:open'), 0)
  t.true(s.isIdle())
})

test('a second start() checks new connections again', async t => {
  const s = scene(() => false)
  s.verifier.start()
  s.verifier.stop()
  s.verifier.start()
  s.connect()
  await s.clock.advance(0)
  t.is(s.closed.length, 1)
})
