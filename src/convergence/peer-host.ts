import type { Clock } from '../pipeline/clock.ts'
import type { ConnectionChange, ConnectionPreference } from '../pipeline/convergence.ts'
import type { Connection } from '@libp2p/interface'

/** The parts of a node that its peers share */
export interface PeerHost {
  readonly self: string
  readonly clock: Clock
  /** Returns whether a dial or `verifyInbound` has not decided on a connection yet. Until then it may be closed, and does not take part */
  readonly isUndecided: (connection: Connection) => boolean
  readonly prefer: ConnectionPreference
  /** Returns the milliseconds without an application stream after which a redundant connection is closed. The answer may change */
  readonly idle: () => number
  readonly deadline?: number
  readonly background: readonly string[]
  readonly onPreferredChange: (change: ConnectionChange) => void
  readonly onError: (connection: Connection, error: Error) => void
  /** Resolves to whether connections to the peer may be closed. False if one of them may hold a relay reservation */
  readonly mayClose: (connection: Connection) => Promise<boolean>
  /** Closes a connection gracefully, within about a second in any case */
  readonly close: (connection: Connection) => Promise<void>
}
