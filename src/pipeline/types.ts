import type { Clock } from './clock.ts'
import type { DialConvergence } from './convergence.ts'
import type { Source, SourceList } from './sources.ts'
import type { AbortOptions, AddressSorter, ComponentLogger, Connection, ConnectionGater, Libp2pEvents, Logger, MultiaddrResolver, OpenConnectionProgressEvents, PeerId, PeerRouting, PeerStore } from '@libp2p/interface'
import type { ConnectionManager, OpenConnectionOptions, TransportManager } from '@libp2p/interface-internal'
import type { DNS } from '@multiformats/dns'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { TypedEventTarget } from 'main-event'

/** What can flow between two stages */
export interface Flow {
  target: Target
  candidates: List
  connections: Connection
}

/** What the callers of one dial asked for. Yielded again, with a new revision, whenever there is something to look at anew */
export interface Target {
  readonly kind: 'target'
  readonly peerId?: PeerId
  /** The addresses that callers passed; a joining caller adds to them */
  readonly multiaddrs: readonly Multiaddr[]
  readonly revision: number
}

/** One reason to believe an address. Where there is no address book only the source is known */
export interface Attestation {
  /** An open string: `user`, `certified`, `peer-store`, `routing`, `dns`, … */
  readonly source: Source
  /** The peer that told this node, as a string */
  readonly reporter?: string
  /** Of the signed record that names the address */
  readonly seq?: bigint
  /** How often this was said */
  readonly count?: number
  /** Milliseconds since the epoch, of the first time, of the latest, and of when it no longer counts */
  readonly firstSeen?: number
  readonly lastSeen?: number
  readonly expires?: number
}

/** Facts about an address on its way to being dialled. Frozen; no order, no time */
export interface Candidate {
  /** The multiaddr with the peer's own `/p2p/<peer>` suffix, as a string: the candidate's identity */
  readonly id: string
  readonly multiaddr: Multiaddr
  /** The address came in a record that the peer signed */
  readonly isCertified: boolean
  readonly provenance: readonly Attestation[]
}

/** The candidates as they now stand */
export interface List {
  readonly kind: 'candidates'
  /** The whole list, preferred first */
  readonly candidates: readonly Candidate[]
  /** Nothing more comes unless the target grows or an attempt fails */
  readonly complete: boolean
  /** It is complete but for what a source looks for because all else is spent */
  readonly isLookingFurther?: boolean
  /** The state of the dial (target and failures) that this list was made from */
  readonly revision: number
  /** When the next may start. Default: 250 ms after the one before */
  readonly pace?: Pace
  /** For the runner: by the identity of an address, the filters that stand above the source which gives it */
  readonly entries?: ReadonlyMap<string, readonly AnyStageInit[]>
}

/** Pure. Which candidate may start next, and at what time; undefined: none for now */
export type Pace = (race: RaceState) => Start | undefined

export interface Start {
  candidate: Candidate
  /** On the dial's clock. With nothing in flight the race does not wait for it */
  at: number
}

export interface RaceState {
  /** In the list's order */
  readonly untried: readonly Candidate[]
  readonly inFlight: readonly Flight[]
  readonly outcomes: readonly Outcome[]
  /** When the latest attempt of this race started */
  readonly lastStart?: number
  readonly now: number
}

export interface Flight {
  readonly candidate: Candidate
  readonly startedAt: number
  /** When the remote was first heard of: the transport is connected, the handshake goes on */
  readonly firstResponseAt?: number
}

/** How an attempt ended. A cancelled attempt has no outcome */
export type Outcome = Connected | Failed

export interface Connected {
  readonly status: 'connected'
  readonly candidate: Candidate
  readonly startedAt: number
  readonly endedAt: number
  readonly connection: Connection
}

export interface Failed {
  readonly status: 'failed'
  readonly candidate: Candidate
  readonly startedAt: number
  readonly endedAt: number
  readonly error: Error
}

/** A named step from target to list, list to list, list to connections, or connections to connections */
export interface Stage<In extends keyof Flow, Out extends keyof Flow> {
  run (source: AsyncIterable<Flow[In]>, dial: Dial): AsyncIterable<Flow[Out]>
  /** Wrapped around every attempt that stages above it make, outside of their own layers; the first is outermost */
  readonly layers?: readonly AttemptLayer[]
}

/** Makes a stage for a node: what is kept per node is made in this call, what is kept per dial in `run` */
export interface StageInit<In extends keyof Flow = 'candidates', Out extends keyof Flow = In, Name extends string = string> {
  (components: DialComponents): Stage<In, Out>
  /** Known before there are components: the order check and editing need it */
  readonly name: Name
  readonly accepts: { readonly [K in In]: true }
  readonly yields: Out
  /** The per-dial options that it reads */
  readonly options?: readonly string[]
}

/** Any stage, for lists of them */
export interface AnyStageInit {
  (components: DialComponents): { run (source: AsyncIterable<any>, dial: Dial): AsyncIterable<any>, readonly layers?: readonly AttemptLayer[] }
  readonly name: string
  readonly accepts: { readonly [K in keyof Flow]?: true }
  readonly yields: keyof Flow
  readonly options?: readonly string[]
}

/** What a stage sees of the dial that it runs for */
export interface Dial extends Required<AbortOptions> {
  /** As it now stands; its revision tells whether a list is current */
  readonly target: Target
  /** The options of the caller who began the dial */
  readonly options: DialPipelineOptions
  /** Of this dial, oldest first */
  readonly outcomes: readonly Outcome[]
  readonly clock: Clock
  readonly log: Logger

  /**
   * Dials a candidate: shared with other dials that want the same address, given a slot, gated. The outcome is kept
   * with the dial.
   *
   * @throws the transport's error; the signal's reason when that aborted; AbortError when the network has changed before an
   * answer: the candidate counts as untried
   */
  attempt (candidate: Candidate, options: DialAttemptOptions): Promise<Connection>

  /** An attempt has connected, or there is one that is the answer where none better comes: no reason to look for more */
  readonly hasConnection: boolean

  /** Gives back a connection that was not yielded: it is closed, unless another dial holds it */
  discard (connection: Connection): void

  /** Says that a connection is the answer where none better comes in time. It need not be given back */
  keep (connection: Connection): void

  /** Says that connections after the first are wanted: without it, the dial ends with the first */
  linger (): void

  /** Why this node cannot dial a candidate, undefined where it can; looked up once per candidate object */
  whyNotDialable (candidate: Candidate): string | undefined

  /** What the node's connection gater says, asked once per candidate object. True: may be dialled */
  gate (candidate: Candidate): boolean | Promise<boolean>

  /**
   * Says what became of a candidate at this stage: true: passed, false or a reason: dropped. Where an error is the cause, the
   * dial's error names that beside those of the attempts
   */
  verdict (candidate: Candidate, verdict: boolean | string, cause?: Error): void

  /** Says that others stand for a candidate from here on */
  expanded (candidate: Candidate, into: readonly Candidate[]): void

  /** It was attempted, and has an outcome */
  tried (candidate: Candidate): boolean

  /** The same, also before a retry began anew */
  everTried (candidate: Candidate): boolean

  /** It has an outcome, or a dropping verdict of this stage or one below (one that was expanded: all that it became have) */
  spent (candidate: Candidate): boolean

  /** The same dial with a shorter life; `fresh` begins with no outcomes and no verdicts */
  fork (options?: { fresh?: boolean }): ForkedDial
}

/** A part of a dial that can be ended before the rest */
export interface ForkedDial extends Dial {
  /** Aborts what runs in it and stops listening to the dial that it was made from */
  end (reason: Error): void
}

/** One transport dial of one candidate */
export type Attempt = (candidate: Candidate, options: AttemptOptions) => Promise<Connection>

/** Wraps an attempt: retry, timeout, … */
export type AttemptLayer = (next: Attempt) => Attempt

export interface AttemptOptions extends Required<AbortOptions> {
  readonly clock: Clock
  /** The node's `addressDialTimeout`, in milliseconds */
  readonly timeout: number
  /**
   * Options for the transport that a layer adds: they reach the socket as they are. Such an attempt is not shared with other dials.
   * Nothing that a caller passes to `dial()` gets there but `initiator` and `trace`
   */
  readonly transport?: Readonly<Record<string, unknown>>
  /** Called when it waits for a slot that other addresses of the dial do not need: it holds none of them back */
  onHeld?: () => void
  /** Called when a slot was granted and the transport begins */
  onStart: (at: number) => void
  /** Called when the remote was first heard of */
  onFirstResponse: (at: number) => void
  /** Called with each progress event of the transport, by its type */
  onMark?: (type: string, at: number) => void
}

export interface DialAttemptOptions extends Required<AbortOptions> {
  /** Wrapped around the attempt, first is outermost */
  layers?: readonly AttemptLayer[]
  onHeld?: () => void
  onStart?: (at: number) => void
  onFirstResponse?: (at: number) => void
  onMark?: (type: string, at: number) => void
}

/**
 * Which sources an address may come from, by their names. An address that several name stays if one of them counts. One of both is
 * required: `{ exclude: [] }` accepts all
 */
export interface ProvenancePolicy {
  /** Default: all */
  include?: readonly Source[]
  /** Default: none */
  exclude?: readonly Source[]
}

/** Per-dial options that stages read. To be augmented by applications whose stages read others */
export interface StageOptions {
  /** Which provenance this dial accepts: the stage `provenance()` reads it. A list names those to include */
  provenance?: ProvenancePolicy | SourceList
}

export interface DialPipelineOptions extends OpenConnectionOptions, StageOptions {
  /** Another pipeline for this dial than the node's */
  pipeline?: DialPipeline
  /** Whether a limited connection is an answer at once */
  runOnLimitedConnection?: boolean
  /** The source of the addresses that are passed */
  source?: Source
}

/** What a dialer runs: from a target to connections */
export interface DialPipeline extends AnyStageInit {
  readonly accepts: { readonly target: true, readonly candidates?: true }
  readonly yields: 'connections'
}

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
  /** Mean and deviation of the natural logarithm of the milliseconds until the remote is first heard of, if it ever is */
  readonly firstResponse: { readonly mu: number, readonly sigma: number }
  /** Milliseconds until it has connected, if it does */
  readonly connect: number
  /** How many round trips go by until the first response, and until the connection */
  readonly roundTrips: { readonly first: number, readonly all: number }
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
  /** The probability that a peer is online, 0 to 1 */
  online (peer: PeerId): number
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

/** What the node was told about the addresses of its peers */
export interface DialAddressBook {
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
  /** The same for stages, which ask for each list. Whoever passes these objects on is taken for their source. Default: `query` */
  addressesOf? (peer: PeerId): readonly KnownAddress[]
  /** An attempt has ended, and was not cancelled */
  attempted? (candidate: Candidate, outcome: 'connected' | 'failed'): void
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
  readonly dns?: DNS
  readonly clock: Clock
  readonly settings: DialSettings
  readonly history: DialHistory
  /** Where the node has one */
  readonly addressBook?: DialAddressBook
  readonly bans?: DialBans
  readonly convergence?: DialConvergence
  readonly surroundings?: DialSurroundings
}

export type DialProgressEvents = OpenConnectionProgressEvents
