import type { Clock } from './clock.ts'
import type { DialConvergence } from './convergence.ts'
import type { AddressReport, Candidate } from './flow.ts'
import type { PlacedSources } from './trust.ts'
import type { AddressSorter, ComponentLogger, Connection, ConnectionGater, Libp2pEvents, Metrics, MultiaddrResolver, PeerId, PeerRouting, PeerStore } from '@libp2p/interface'
import type { ConnectionManager, TransportManager } from '@libp2p/interface-internal'
import type { DNS } from '@multiformats/dns'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { TypedEventTarget } from 'main-event'

/** libp2p's default for `dialTimeout`, in milliseconds */
export const DIAL_TIMEOUT = 10_000

/** Milliseconds that a wrong-peer failure counts against an address, at most: an address changes its peer with a lease or a key, not with load */
export const WRONG_PEER_TIME = 3_600_000

/** The number of silent networks in a row from which a path counts as blocked. With 3 of 4 peers offline, 20 in a row are silent in 1 of 300 cases */
const MIN_FAILURES = 20

/** The success ratio below which a path counts as blocked, as in go-libp2p's black_hole_detector.go: 5 of 100 */
const MIN_SUCCESS = 0.05

/** The node's `connectionManager` settings for dials. A stage may override them */
export interface DialSettings {
  readonly addressSorter?: AddressSorter
  readonly resolvers: Readonly<Record<string, MultiaddrResolver>>
  /** Milliseconds for the attempt of one address */
  readonly addressDialTimeout: number
  readonly maxPeerAddrsToDial: number
  /** Milliseconds for a whole dial @default 10000 */
  readonly dialTimeout?: number
}

/** A forecast of an attempt, from the history of the address, the peer, the network and the transport */
export interface Estimate {
  /** The probability that the attempt connects, 0 to 1 */
  readonly success: number
  /** The probability that the attempt connects if the peer is online, 0 to 1 */
  readonly valid: number
  /** The weight of `valid`, as a number of observations. Undefined: certain */
  readonly strength?: number
  /** Mean and standard deviation of the natural logarithm of the milliseconds until the first response */
  readonly firstResponse: { readonly mu: number, readonly sigma: number }
  /** Milliseconds until the attempt has connected, if it connects */
  readonly connect: number
  /** Round trips until the first response, and until the connection is open */
  readonly roundTrips: { readonly first: number, readonly all: number }
}

/** Returns the milliseconds within which 49 of 50 first responses arrive */
export function answerTime ({ firstResponse: { mu, sigma } }: Pick<Estimate, 'firstResponse'>): number {
  return Math.exp(mu + 2 * sigma)
}

/** The failures of an address since the last connection to its peer */
export interface Failures {
  readonly count: number
  /** When the latest failure ended, in milliseconds since the epoch */
  readonly at: number
  /** Whether another peer answered in one of them */
  readonly isWrongPeer: boolean
}

/** Decayed outcomes of attempts to public addresses of one kind. Each /24 or /48 network counts once */
export interface PathRecord {
  /** Answers. A refusal is an answer: the path works */
  readonly successes: number
  /** Timeouts and missing routes */
  readonly failures: number
  /** Failures since the latest answer */
  readonly failuresInARow: number
}

/** Returns the share of networks that answer over a path, 0 to 1. One half without observations */
export function successRatio ({ successes, failures }: PathRecord): number {
  return (successes + 1) / (successes + failures + 2)
}

/** Returns whether a path is blocked: the last 20 networks or more were silent, and fewer than 1 in 20 have answered lately */
export function isBlocked (record: PathRecord): boolean {
  return record.failuresInARow >= MIN_FAILURES && successRatio(record) < MIN_SUCCESS
}

/** Estimates and records from the dials of the node. Reading has no side effects */
export interface DialHistory {
  estimate (candidate: Candidate): Estimate
  /** Returns the recent failures of an address. Undefined: none, or another peer answered and a first-hand source has reported the address since */
  failures (candidate: Candidate): Failures | undefined
  /**
   * Returns the probability that a peer is online, 0 to 1
   *
   * @param provenance the reports of one of its addresses. For an unknown peer, the estimate is the share of peers from the same source that were online
   */
  online (peer: PeerId, provenance?: readonly AddressReport[]): number
  /** Returns the record of addresses over UDP, or over IPv6 */
  path (kind: 'udp' | 'ip6'): PathRecord
}

/** The reports of an address */
export interface AddressReports {
  /** Whether the peer signed the address */
  readonly isCertified: boolean
  readonly provenance: readonly AddressReport[]
}

/** An address of a peer, with its reports */
export interface KnownAddress extends AddressReports {
  readonly multiaddr: Multiaddr
}

/** The number of entries in an address book */
export interface BookUsage {
  readonly peers: number
  readonly addresses: number
  readonly pins: number
}

/** The part of an address book that a dial uses */
export interface DialAddressBook {
  /** The sources to which the application gave another trust level */
  readonly trust?: PlacedSources
  /** The current number of entries */
  readonly usage?: BookUsage
  /** Whether the book observes all writes to the peer store. An address there that the book does not know has then lost its sources */
  readonly isAttributed?: boolean
  /**
   * Returns the reports of an address that the book, the peer store or a module of the node has handed out, found by the identity of the object.
   * Undefined: the caller has the address from elsewhere
   *
   * @param peer the peer that is dialled at the address, as a string, if known
   */
  reportsOf? (multiaddr: Multiaddr, peer?: string): AddressReports | undefined
  /** Records the reports of a candidate whose multiaddr object is shown to others, who may dial that object */
  handOut? (candidate: Candidate, peer?: PeerId): void
  /** Returns the addresses of a peer with reports that have not expired. Has no side effects */
  query (peer: PeerId): readonly KnownAddress[]
  /** Returns the highest sequence number of a signed record of the peer. A record below it proves nothing. Undefined: there was none */
  minSeq? (peer: PeerId): bigint | undefined
  /** Records how an attempt ended. Not called for cancelled attempts. `connection`: the connection of a successful attempt */
  attempted? (candidate: Candidate, outcome: 'connected' | 'failed', connection?: Connection): void
  /** Records that another peer answered at an address. Not called for bans and denials of the gater, which prove nothing */
  invalidate? (peer: PeerId, multiaddr: Multiaddr): void
}

/** The peers and addresses that the node does not dial for a time */
export interface DialBans {
  /** Returns why a peer or address is banned, and until when, in words. Undefined: no ban */
  reasonFor (subject: PeerId | Pick<Candidate, 'multiaddr'>): string | undefined
}

/** The network position of the node, as far as the node knows it */
export interface DialSurroundings {
  /** Whether the node listens on a public address, announces one, or had a direct connection over one within the last hour */
  readonly isPublic: boolean
  /** When the network changed last, or an outage ended, in milliseconds since the epoch. -Infinity: not yet */
  readonly changedAt?: number
  /** Returns whether a peer had a direct connection to the node over a public address within the last hour */
  wasPublic (peer: string): boolean
}

/** The components of a node that a stage may use. The names are libp2p's */
export interface DialComponents {
  readonly peerId: PeerId
  readonly peerStore: PeerStore
  readonly peerRouting: PeerRouting
  readonly transportManager: TransportManager
  readonly connectionManager: ConnectionManager
  readonly connectionGater: ConnectionGater
  readonly events: TypedEventTarget<Libp2pEvents>
  readonly logger: ComponentLogger
  /** Undefined if the node has no metrics */
  readonly metrics?: Metrics
  readonly dns?: DNS
  readonly clock: Clock
  readonly settings: DialSettings
  readonly history: DialHistory
  /** Undefined if the node has no address book */
  readonly addressBook?: DialAddressBook
  readonly bans?: DialBans
  readonly convergence?: DialConvergence
  readonly surroundings?: DialSurroundings
  /** Returns a random number from 0 up to 1 @default Math.random */
  readonly random?: () => number
}
