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
  /** Milliseconds that the evidence of a source counts, by source, where it is not to be the usual time */
  ttl?: TtlInit
  /** Sources that the application trusts more or less than usual, by name: `{ tracker: 'configured' }` */
  trust?: TrustInit
  /** How much the parts of a program may pin */
  pins?: PinsInit
  /**
   * How many peers are known at once
   *
   * @default 10_000
   */
  maxPeers?: number
  /**
   * Milliseconds that addresses count at most after the last connection to their peer has ended
   *
   * @default 600_000
   */
  disconnectTtl?: number
  /**
   * Keeps what is known in the node's datastore, so that it is known after a restart
   *
   * @default true, where the node has a datastore
   */
  persist?: boolean
  /** Default: the system's */
  clock?: Clock
}

/** The names are libp2p's own */
export interface AddressBookComponents {
  readonly peerId: PeerId
  readonly events: TypedEventTarget<Libp2pEvents>
  readonly connectionManager: Pick<ConnectionManager, 'getConnections'>
  readonly logger: ComponentLogger
  /** Of the node, for its own record */
  readonly privateKey: PrivateKey
  readonly addressManager: Pick<AddressManager, 'getAddresses'>
  /** Signed records are written there, and what others write there is heeded */
  readonly peerStore?: PeerStore
  /** Where there is none nothing is kept over a restart */
  readonly datastore?: Datastore
}

/** Who stands for addresses */
export interface Observation {
  readonly source: Source
  /** The peer that told this node */
  readonly reporter?: PeerId
  /** Of the signed record that names the addresses */
  readonly seq?: bigint
  /** Milliseconds that it counts from now. Default: that of the source */
  readonly ttl?: number
  /**
   * These are all: addresses of the peer that the same source and reporter named before, and do not name now, lose that report
   *
   * @default false
   */
  readonly replaces?: boolean
}

/** Which evidence to take back: all that is given has to be so */
export interface WithdrawOptions {
  readonly peer?: PeerId
  readonly reporter?: PeerId
  readonly multiaddr?: Multiaddr
}

/** The addresses that `forget()` keeps */
export interface ForgetOptions {
  /** Addresses that keep what is said of them. Default: none */
  readonly except?: readonly Multiaddr[]
}

/**
 * What became of a signed record
 *
 * - `accepted` it is now the known one
 * - `refreshed` it is the known one: its addresses count longer
 * - `refused` nothing has changed. `replayed`: a newer one is or was known, `conflicting`: another of the same seq is,
 *   `own`: it is this node's, `full`: there is no place for another peer
 */
export type ConsumedRecord =
  { readonly status: 'accepted' | 'refreshed', readonly peerId: PeerId, readonly seq: bigint, readonly skipped: readonly SkippedAddress[] } |
  { readonly status: 'refused', readonly reason: RefusalReason | 'replayed' | 'conflicting' | 'own' | 'full', readonly text: string }

/** Of one source, since the book was made */
export interface SourceStats {
  /** How many of its addresses were dialled, each counted once */
  readonly dialled: number
  /** How many of those answered at least once */
  readonly answered: number
}

/** Is told when the addresses of a peer, or who stands for them, are not what they were. A refresh is no change */
export type ChangeListener = (peer: PeerId) => void

/** How much the parts of a program may pin. The node says it, not who pins */
export interface PinsInit {
  /** Of owners that are not named below */
  default?: PinQuotas
  /** By the name of the owner; what is left out is as in `default` */
  owners?: Readonly<Record<string, PinQuotas>>
}

/** What an owner may pin */
export interface PinQuotas {
  /** @default 256 */
  maxPeers?: number
  /**
   * In all of its pins together. One of a whole peer counts as many as the peer has when it is pinned
   *
   * @default 1_024
   */
  maxAddresses?: number
  /**
   * Milliseconds that a pin may ask for, finite
   *
   * @default 86_400_000
   */
  maxTtl?: number
  /** Over its quota, revoke the oldest pins of this owner instead of refusing the new one */
  evict?: 'oldest'
}

/** The signal releases the pin */
export interface PinInit extends AbortOptions {
  /** Default: all that the peer has and will have */
  addresses?: readonly Multiaddr[]
  /**
   * Milliseconds after which it ends by itself: from now on, or from when the peer is no longer connected
   *
   * @default 3_600_000
   */
  ttl?: number
}
