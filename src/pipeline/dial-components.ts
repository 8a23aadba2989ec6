import type { Clock } from './clock.ts'
import type { DialConvergence } from './convergence.ts'
import type { Attestation, Candidate } from './flow.ts'
import type { PlacedSources } from './trust.ts'
import type { AddressSorter, ComponentLogger, Connection, ConnectionGater, Libp2pEvents, Metrics, MultiaddrResolver, PeerId, PeerRouting, PeerStore } from '@libp2p/interface'
import type { ConnectionManager, TransportManager } from '@libp2p/interface-internal'
import type { DNS } from '@multiformats/dns'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { TypedEventTarget } from 'main-event'

/** Libp2p's own */
export const DIAL_TIMEOUT = 10_000

/** Milliseconds for which another peer's answer counts against an address, at most: it changes with a lease or a key, not with load */
export const WRONG_PEER_TIME = 3_600_000

/** The `connectionManager` settings of the node. They hold where a stage does not say otherwise */
export interface DialSettings {
  readonly addressSorter?: AddressSorter
  readonly resolvers: Readonly<Record<string, MultiaddrResolver>>
  /** Milliseconds for one address */
  readonly addressDialTimeout: number
  readonly maxPeerAddrsToDial: number
  /** Milliseconds for a dial. Default: 10 000 */
  readonly dialTimeout?: number
}

/** What to expect of an attempt. Where the node knows little of the address it is what it knows of the peer, the network and the transport */
export interface Estimate {
  /** The probability that it connects, 0 to 1 */
  readonly success: number
  /** The same, if the peer is online at all */
  readonly valid: number
  /** As how many observations `valid` counts. Undefined: it is certain */
  readonly strength?: number
  /** Mean and deviation of the natural logarithm of the milliseconds until the remote is first heard of, if it ever is */
  readonly firstResponse: { readonly mu: number, readonly sigma: number }
  /** Milliseconds until it has connected, if it does */
  readonly connect: number
  /** How many round trips go by until the first response, and until the connection */
  readonly roundTrips: { readonly first: number, readonly all: number }
}

/** The milliseconds within which 49 of 50 first responses come */
export function answerTime ({ firstResponse: { mu, sigma } }: Pick<Estimate, 'firstResponse'>): number {
  return Math.exp(mu + 2 * sigma)
}

/** The latest failures of an address, since there was a connection to its peer */
export interface Failures {
  readonly count: number
  /** When the last of them ended */
  readonly at: number
  /** In one of them another peer answered */
  readonly isWrongPeer: boolean
}

/** Outcomes of attempts to public addresses of one kind: the older, the less they count. Each /24 or /48 counts once */
export interface PathRecord {
  /** Answers. A refusal is one: the path works */
  readonly successes: number
  /** Silence and missing routes */
  readonly failures: number
  /** Failures since the last answer */
  readonly failuresInARow: number
}

/** What the node has learnt by dialling. Reading changes nothing */
export interface DialHistory {
  estimate (candidate: Candidate): Estimate
  /** Undefined: none */
  failures (candidate: Candidate): Failures | undefined
  /**
   * The probability that a peer is online, 0 to 1
   *
   * @param provenance who stands for an address of it: of a peer that is new it is the share of those who could be reached of the same source
   */
  online (peer: PeerId, provenance?: readonly Attestation[]): number
  /** Of addresses over UDP, or over IPv6 */
  path (kind: 'udp' | 'ip6'): PathRecord
}

/** Who stands for an address */
export interface AddressReports {
  /** The peer has signed it */
  readonly isCertified: boolean
  readonly provenance: readonly Attestation[]
}

/** An address of a peer, and who said so */
export interface KnownAddress extends AddressReports {
  readonly multiaddr: Multiaddr
}

/** How much an address book holds */
export interface BookUsage {
  readonly peers: number
  readonly addresses: number
  readonly pins: number
}

/** What the node was told about the addresses of its peers */
export interface DialAddressBook {
  /** The sources that the application trusts more or less than usual */
  readonly trust?: PlacedSources
  /** How much it holds now */
  readonly usage?: BookUsage
  /** It is told who writes to the node's peer store: for an address there that it does not know nobody stands any more */
  readonly isAttributed?: boolean
  /**
   * Who stands for an address that the book, the peer store or a module of the node has handed out, by the identity of the object.
   * Undefined: whoever passes it on has it from elsewhere
   *
   * @param peer whom it is dialled for, as a string, where that is known
   */
  reportsOf? (multiaddr: Multiaddr, peer?: string): AddressReports | undefined
  /** A dial shows the address of a candidate to others, who may dial the object in turn */
  handOut? (candidate: Candidate, peer?: PeerId): void
  /** Those that somebody stands for now. Changes nothing */
  query (peer: PeerId): readonly KnownAddress[]
  /** The sequence number of the newest signed record that the book has had of a peer: an older record proves nothing. Undefined: it has had none */
  minSeq? (peer: PeerId): bigint | undefined
  /** An attempt has ended, and was not cancelled. `connection`: what came of it */
  attempted? (candidate: Candidate, outcome: 'connected' | 'failed', connection?: Connection): void
  /** Another peer has answered at an address. A ban, or the connection gater's no, proves nothing and is not told */
  refute? (peer: PeerId, multiaddr: Multiaddr): void
}

/** Whom the node does not dial, for a time */
export interface DialBans {
  /** Why, and until when, in words; undefined: not banned */
  reasonFor (subject: PeerId | Pick<Candidate, 'multiaddr'>): string | undefined
}

/** Where this node is, as far as it sees that itself */
export interface DialSurroundings {
  /** It listens on, or announces, a public address, or was connected directly over one within the last hour */
  readonly isPublic: boolean
  /** Whether a peer was connected directly over a public address within the last hour */
  wasPublic (peer: string): boolean
}

/** What a stage may use of a node. The names are libp2p's own */
export interface DialComponents {
  readonly peerId: PeerId
  readonly peerStore: PeerStore
  readonly peerRouting: PeerRouting
  readonly transportManager: TransportManager
  readonly connectionManager: ConnectionManager
  readonly connectionGater: ConnectionGater
  readonly events: TypedEventTarget<Libp2pEvents>
  readonly logger: ComponentLogger
  /** Undefined: the node has no metrics */
  readonly metrics?: Metrics
  readonly dns?: DNS
  readonly clock: Clock
  readonly settings: DialSettings
  readonly history: DialHistory
  /** Where the node has one */
  readonly addressBook?: DialAddressBook
  readonly bans?: DialBans
  readonly convergence?: DialConvergence
  readonly surroundings?: DialSurroundings
  /** Returns a number from 0 up to 1, by chance. Default: Math.random */
  readonly random?: () => number
}
