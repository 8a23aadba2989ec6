import { getEventListeners } from 'node:events'
import { TypedEventEmitter } from 'main-event'
import { InboundVerifier } from '../../src/dialer/inbound-verifier.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { FakeConnection } from '../convergence/fakes.ts'
import { recordLogs } from '../libp2p/record-logs.ts'
import type { CheckConnection } from '../../src/pipeline/connection-check.ts'

export const LIMIT = 6_000

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

export function scene (check: CheckConnection): Scene {
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
export function unanswered (): { s: Scene, signals: AbortSignal[] } {
  const signals: AbortSignal[] = []
  const s = scene(async (_connection, { signal }) => {
    signals.push(signal)

    return new Promise(() => {})
  })
  s.verifier.start()

  return { s, signals }
}
