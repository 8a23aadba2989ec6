import type { SlotsInit } from './attempts/slots-init.ts'
import type { DialerBansInit } from './ban-options.ts'
import type { HistoryInit } from '../history/history.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { BetterConnection } from '../pipeline/convergence.ts'
import type { DialComponents } from '../pipeline/types.ts'
import type { DialTrace } from '../trace/types.ts'
import type { Connection, ConnectionGater, PeerId, Upgrader } from '@libp2p/interface'
import type { AddressManager } from '@libp2p/interface-internal'
import type { Datastore } from 'interface-datastore'

export interface DialerInit {
  /** How many attempts may be in flight at once */
  slots?: SlotsInit
  /**
   * How many of the latest dials are kept for `explain` and `traces`
   *
   * @default 64
   */
  traces?: number
  /** What the node learns by dialling */
  history?: DialerHistoryInit
  /** Whom it does not dial */
  bans?: DialerBansInit
  /** Default: the system's */
  clock?: Clock
}

export interface DialerHistoryInit extends HistoryInit {
  /**
   * Keeps what was learnt in the node's datastore, so that it is known after a restart
   *
   * @default false
   */
  persist?: boolean
}

/** The names are libp2p's own */
export type DialerComponents = Omit<DialComponents, 'clock' | 'settings' | 'history' | 'bans' | 'convergence' | 'surroundings' | 'connectionGater'> & {
  readonly upgrader: Upgrader
  /** Replaced while the dialer is attached */
  connectionGater: ConnectionGater
  readonly addressManager?: AddressManager
  /** For a history and bans that are kept */
  readonly datastore?: Datastore
}

export interface DialerEvents {
  /** New streams to a peer take another connection than before, which is still open */
  'connection:preferred': CustomEvent<BetterConnection & { peerId: PeerId }>
  /** A dial has connected once more, over a better address than the one that its callers were given */
  'connection:alternative': CustomEvent<{ peerId: PeerId, connection: Connection }>
  /** A dial has ended, and its connections are settled */
  'dial:end': CustomEvent<DialTrace>
}
