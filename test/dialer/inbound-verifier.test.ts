import { getEventListeners } from 'node:events'
import test from 'ava'
import { TypedEventEmitter } from 'main-event'
import { InboundVerifier } from '../../src/dialer/inbound-verifier.ts'
import { sleep } from '../../src/pipeline/clock.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { FakeConnection } from '../convergence/fakes.ts'
import { watchUnhandled } from '../helpers/unhandled.ts'
import { recordLogs } from '../libp2p/record-logs.ts'
import type { CheckConnection } from '../../src/pipeline/connection-check.ts'

const LIMIT = 6_000

interface Scene {
  clock: VirtualClock
  events: TypedEventEmitter<any>
  verifier: InboundVerifier
  connections: FakeConnection[]
  /** Refusals with their time */
  refused: string[]
  closed: FakeConnection[]
  verified: FakeConnection[]
  /** The lines that the verifier has logged */
  lines: string[]
  connect (peer?: string, direction?: 'inbound' | 'outbound'): FakeConnection
  /** Returns whether no listener and no timer is left */
  isIdle (): boolean
}

function scene (check: CheckConnection): Scene {
  const clock = new VirtualClock(0)
  const events = new TypedEventEmitter<any>()
  const connections: FakeConnection[] = []
  const refused: string[] = []
  const closed: FakeConnection[] = []
  const verified: FakeConnection[] = []
  const { logger, lines } = recordLogs('')
  const components: any = {
    clock,
    events,
    logger,
    settings: { addressDialTimeout: LIMIT },
    connectionManager: { getConnections: () => connections }
  }
  const verifier = new InboundVerifier(components, {
    check,
    onVerified: connection => { verified.push(connection as unknown as FakeConnection) },
    close: async connection => {
      const one = connection as unknown as FakeConnection
      closed.push(one)
      one.gone()
    },
    onRefused: (_connection, { message }) => { refused.push(`${message} @${clock.now()}`) }
  })

  return {
    clock,
    events,
    verifier,
    connections,
    refused,
    closed,
    verified,
    lines,
    connect: (peer = 'a', direction = 'inbound') => {
      const connection = new FakeConnection({ remotePeer: peer, direction })
      connections.push(connection)
      events.safeDispatchEvent('connection:open', { detail: connection.real })

      return connection
    },
    isIdle: () => clock.pending === 0 && connections.every(one => getEventListeners(one, 'close').length === 0)
  }
}

/** A scene whose check never answers, with the signals of its checks */
function unanswered (): { s: Scene, signals: AbortSignal[] } {
  const signals: AbortSignal[] = []
  const s = scene(async (_connection, { signal }) => {
    signals.push(signal)

    return new Promise(() => {})
  })
  s.verifier.start()

  return { s, signals }
}

test('the check receives the connection, a signal and the components', async t => {
  const s = scene((connection, { signal }, components) => {
    t.true(Object.is(connection, s.connections[0]))
    t.false(signal.aborted)
    t.is(components.clock, s.clock)

    return true
  })
  t.plan(8)
  s.verifier.start()
  const connection = s.connect()
  t.false(s.verifier.hasVerified(connection.real))
  await s.clock.advance(0)
  t.true(s.verifier.hasVerified(connection.real) && s.verified.includes(connection))

  t.deepEqual(s.closed, [])
  t.deepEqual(s.refused, [])
  t.true(s.isIdle())
})

for (const [what, check, message] of [
  ['answers false', () => false, ''],
  ['answers a reason', async () => 'of another fleet', ': of another fleet'],
  ['throws', () => { throw new Error('Broken') }, ': Broken'],
  ['rejects', async () => { throw new Error('Broken') }, ': Broken'],
  ['rejects with no Error', async () => Promise.reject(undefined as any), ': Rejected with undefined']
] as Array<[string, CheckConnection, string]>) {
  test(`a connection whose check ${what} is closed with a reason`, async t => {
    const s = scene(check)
    s.verifier.start()
    const connection = s.connect()
    await s.clock.advance(0)

    t.deepEqual(s.refused, [`verifyInbound refused /ip4/192.0.2.1/tcp/1${message} @0`])
    t.deepEqual(s.closed, [connection])
    t.true(s.isIdle())
  })
}

test('a connection whose check returns neither a boolean nor a reason is closed', async t => {
  const s = scene((() => undefined) as any)
  s.verifier.start()
  s.connect()
  await s.clock.advance(0)
  t.deepEqual(s.refused, ['verifyInbound answered undefined for /ip4/192.0.2.1/tcp/1: a check answers true, false or a reason in words @0'])
  t.is(s.closed.length, 1)
})

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
  const signals: AbortSignal[] = []
  const s = scene(async (_connection, { signal }) => {
    signals.push(signal)

    return new Promise(() => {})
  })
  s.verifier.start()
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

/** Counts the running checks of each peer */
function counting (ms: number): { check: CheckConnection, running: Map<string, number>, most: Map<string, number> } {
  const running = new Map<string, number>()
  const most = new Map<string, number>()
  const add = (key: string, n: number): void => {
    running.set(key, (running.get(key) ?? 0) + n)
    most.set(key, Math.max(most.get(key) ?? 0, running.get(key) ?? 0))
  }

  return {
    running,
    most,
    check: async ({ remotePeer }, { signal }, { clock }) => {
      const keys = [String(remotePeer), 'all']
      keys.forEach(key => { add(key, 1) })

      try {
        await sleep(ms, clock, signal)
      } finally {
        keys.forEach(key => { add(key, -1) })
      }

      return true
    }
  }
}

test('4 checks run at once for one peer, and other peers do not wait for it', async t => {
  const { check, most } = counting(1_000)
  const s = scene(check)
  s.verifier.start()
  Array.from({ length: 20 }, () => s.connect('flood'))
  await s.clock.advance(0)
  s.connect('other')
  await s.clock.advance(0)
  t.is(most.get('other'), 1)
  await s.clock.advance(5_000)

  // 5 rounds of 4 checks
  t.is(most.get('flood'), 4)
  t.deepEqual(s.refused, [])
  t.true(s.isIdle())
})

test('4 checks run at once for a peer that goes on connecting while checks end', async t => {
  const { check, most, running } = counting(1_000)
  const s = scene(check)
  s.verifier.start()
  Array.from({ length: 5 }, () => s.connect())
  await s.clock.advance(1_500)
  t.is(running.get('a'), 1)
  Array.from({ length: 4 }, () => s.connect())
  await s.clock.advance(0)

  t.is(most.get('a'), 4)
  await s.clock.advance(2_000)
  t.true(s.isIdle())
})

test('64 checks run at once, and the others in order of arrival', async t => {
  const { check, most } = counting(1_000)
  const started: string[] = []
  const s = scene(async (connection, ...rest) => {
    started.push(String(connection.remotePeer))

    return check(connection, ...rest)
  })
  s.verifier.start()
  const peers = Array.from({ length: 150 }, (_, i) => `peer-${i}`)
  peers.forEach(peer => s.connect(peer))
  await s.clock.advance(3_000)
  t.is(most.get('all'), 64)
  t.deepEqual(started, peers)
  t.deepEqual(s.refused, [])
  t.true(s.isIdle())
})

test('a flood of connections whose checks never settle is closed in time, with 4 checks at once', async t => {
  const { check, most } = counting(Infinity)
  const s = scene(check)
  s.verifier.start()
  Array.from({ length: 1_000 }, () => s.connect('flood'))
  await s.clock.advance(LIMIT - 1)
  t.is(s.closed.length, 0)
  await s.clock.advance(1)
  t.is(s.closed.length, 1_000)
  t.is(most.get('flood'), 4)
  t.true(s.isIdle())
})
