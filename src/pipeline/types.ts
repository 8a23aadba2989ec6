import type { Clock } from './clock.ts'
import type { DialComponents } from './dial-components.ts'
import type { Candidate, Flow, Outcome, Target } from './flow.ts'
import type { Source, SourceList } from './sources.ts'
import type { AbortOptions, Connection, Logger, OpenConnectionProgressEvents } from '@libp2p/interface'
import type { OpenConnectionOptions } from '@libp2p/interface-internal'

export type * from './dial-components.ts'
export type * from './flow.ts'

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
   * @throws the transport's error; the signal's reason when that aborted; AbortError when the attempt is to begin
   * anew: before an answer, the network has changed, or others have been given its place. The candidate counts as untried then
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

export type DialProgressEvents = OpenConnectionProgressEvents
