import type { SkippedAddress } from '../records/record-addresses.ts'
import type { RefusalReason } from '../records/types.ts'
import type { Source } from '../pipeline/sources.ts'
import type { TtlInit } from './ttl.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { AbortOptions, ComponentLogger, Libp2pEvents, PeerId, PeerStore, PrivateKey } from '@libp2p/interface'
import type { AddressManager, ConnectionManager } from '@libp2p/interface-internal'
import type { TrustInit } from '../pipeline/trust.ts'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Datastore } from 'interface-datastore'
import type { TypedEventTarget } from 'main-event'

export interface AddressBookInit {
  /** The TTLs of reports in milliseconds, by source. Default: those of the source */
  ttl?: TtlInit | undefined
  /** Other trust levels for sources, by name: `{ tracker: 'configured' }` */
  trust?: TrustInit | undefined
  /** The quotas of pins */
  pins?: PinsInit | undefined
  /**
   * The maximum number of peers in the book
   *
   * @default 10_000
   */
  maxPeers?: number | undefined
  /**
   * The maximum TTL of addresses after the last connection to their peer has closed, in milliseconds
   *
   * @default 600_000
   */
  disconnectTtl?: number | undefined
  /**
   * Whether the book is stored in the node's datastore, and read after a restart
   *
   * @default true, if the node has a datastore
   */
  persist?: boolean | undefined
  /** The clock. Default: the system's */
  clock?: Clock | undefined
}

/** The components of a libp2p node that the book uses, by libp2p's names */
export interface AddressBookComponents {
  readonly peerId: PeerId
  readonly events: TypedEventTarget<Libp2pEvents>
  readonly connectionManager: Pick<ConnectionManager, 'getConnections'>
  readonly logger: ComponentLogger
  /** The key of the node, for its own record */
  readonly privateKey: PrivateKey
  readonly addressManager: Pick<AddressManager, 'getAddresses'>
  /** The book writes signed records to it, and records what other code writes to it */
  readonly peerStore?: PeerStore
  /** Without a datastore, the book is lost at a restart */
  readonly datastore?: Datastore
}

/** A report of addresses by a source */
export interface ReportInit {
  readonly source: Source
  /** The peer that reported the addresses to this node */
  readonly reporter?: PeerId | undefined
  /** The TTL in milliseconds. Default: that of the source */
  readonly ttl?: number | undefined
  /**
   * Whether the addresses are the complete list: other addresses that the same source and reporter reported before lose that report
   *
   * @default false
   */
  readonly replaces?: boolean | undefined
}

/** Selects the reports to remove: those that match all given fields */
export interface RemoveReportsOptions {
  readonly peer?: PeerId | undefined
  readonly reporter?: PeerId | undefined
  readonly multiaddr?: Multiaddr | undefined
}

/** Options of `forget()` */
export interface ForgetOptions {
  /** The addresses that keep their reports. Default: none */
  readonly except?: readonly Multiaddr[] | undefined
}

/**
 * The result of a signed record
 *
 * - `accepted`: the record is now the known one
 * - `refreshed`: the record was known already, and the TTL of its addresses begins again
 * - `refused`: nothing has changed. `replayed`: a newer record is or was known. `conflicting`: another record with the same sequence number is
 *   known. `own`: it is this node's. `full`: there is no room for another peer
 */
export type ConsumedRecord =
  { readonly status: 'accepted' | 'refreshed', readonly peerId: PeerId, readonly seq: bigint, readonly skipped: readonly SkippedAddress[] } |
  { readonly status: 'refused', readonly reason: RefusalReason | 'replayed' | 'conflicting' | 'own' | 'full', readonly text: string }

/** The statistics of one source since the book was created */
export interface SourceStats {
  /** The number of addresses of the source that were dialled, each counted once */
  readonly dialled: number
  /** The number of dialled addresses that answered at least once */
  readonly answered: number
}

/** Called when the addresses or reports of a peer have changed. A refreshed report is no change */
export type ChangeListener = (peer: PeerId) => void

/** The quotas of pins, which only the init of the node can set */
export interface PinsInit {
  /** The quotas of owners that are not named below */
  default?: PinQuotas | undefined
  /** The quotas by name of the owner. Missing ones are those of `default` */
  owners?: Readonly<Record<string, PinQuotas>> | undefined
}

/** The quotas of one owner */
export interface PinQuotas {
  /** The maximum number of peers with pins @default 256 */
  maxPeers?: number | undefined
  /**
   * The maximum number of addresses in all pins. A pin of a whole peer counts the addresses that the peer has at that time
   *
   * @default 1_024
   */
  maxAddresses?: number | undefined
  /**
   * The maximum TTL of a pin in milliseconds, finite
   *
   * @default 86_400_000
   */
  maxTtl?: number | undefined
  /** With `oldest`, the oldest pins of this owner are revoked instead of refusing a new one */
  evict?: 'oldest' | undefined
}

/** Options of a pin. An abort of the signal releases it */
export interface PinInit extends AbortOptions {
  /** The addresses to keep. Default: all that the peer has and will have */
  addresses?: readonly Multiaddr[] | undefined
  /**
   * The TTL of the pin in milliseconds. It begins now, or when the peer is no longer connected
   *
   * @default 3_600_000
   */
  ttl?: number | undefined
}
