import type { Clock } from './clock.ts'
import type { DialComponents } from './dial-components.ts'
import type { Candidate, DialPipeline, Flight, List, Outcome, Target } from './flow.ts'
import type { Source, SourceList } from './sources.ts'
import type { AbortOptions, Connection, Logger } from '@libp2p/interface'
import type { OpenConnectionOptions } from '@libp2p/interface-internal'

/** A timing rule: the time, on the dial's clock, before which no candidate starts, or a function that says it of each. 0: no objection; Infinity: not until something changes */
export type Rule = (race: RaceState, dial: Dial) => number | ((candidate: Candidate) => number)

/** What a timing rule looks at. It says a time, and does not ask what time it is */
export interface RaceState {
  /** In the list's order */
  readonly untried: readonly Candidate[]
  readonly inFlight: readonly Flight[]
  readonly outcomes: readonly Outcome[]
  /** The list is complete */
  readonly complete: boolean
  /** When the race began */
  readonly startedAt: number
  /** When its first attempt started. Infinity: none has */
  readonly firstStart: number
  /** When its latest attempt started. −Infinity: none has */
  readonly lastStart: number
}

/** What a stage sees of the dial that it runs for */
export interface Dial extends Required<AbortOptions> {
  /** As it now stands */
  readonly target: Target
  /** The options of the caller who began the dial: those of libp2p, and those that the stage declares. The signal of the dial is its own */
  readonly options: Omit<DialPipelineOptions, 'signal'>
  /** Of this dial, oldest first: the newest 1,024 */
  readonly outcomes: readonly Outcome[]
  readonly clock: Clock
  readonly log: Logger
  /** The components of the node */
  readonly node: DialComponents

  /** It was attempted, and has an outcome */
  tried (candidate: Candidate): boolean

  /** The same, also before a retry began anew */
  everTried (candidate: Candidate): boolean
}

/** What a stage below a race sees of it */
export interface ConnectedDial extends Dial {
  /**
   * Gives back a connection that is not passed on: it is closed, unless another dial holds it. The reason is one of the errors of the
   * dial, in a `VerificationError` that names the stage and the address
   */
  discard (connection: Connection, reason?: string): void

  /** Says that connections after the first are wanted: without it, the dial ends with the first */
  linger (): void
}

/** What a list stage has going on. All of it ends with the part of the dial that the stage runs in */
export interface Work {
  /** Pending until it settles: the list is not complete before. It must not wait for an attempt; that it rejects ends the dial */
  add (promise: Promise<unknown>): void

  /** Pending for so many milliseconds, or until its end is called */
  after (ms: number): Timer

  /** Asks the stage again at a time, and is not pending. A time that has come, or was named before, is nothing */
  at (time: number): void

  /** Says how attempts follow those in flight. Without a pace: 250 ms after the last start */
  pace (rule: Rule): void

  /** Says who has to wait longer */
  hold (rule: Rule): void

  /** Says why a candidate is left out of the answer, and which error is the cause, where there is one */
  drop (candidate: Candidate, reason: string, cause?: Error): void

  /** Says that others stand for a candidate from here on */
  became (candidate: Candidate, into: readonly Candidate[]): void
}

export interface Timer {
  readonly done: boolean
  end (): void
}

/** What a list stage makes of each list: the candidates that it passes on, preferred first */
export type Answer = (list: List) => readonly Candidate[]

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
  /** Called when it waits for the connection gater, or for a slot that other addresses of the dial do not need: it holds none of them back */
  onHeld?: () => void
  /** Called when a slot was granted and the transport begins */
  onStart: (at: number) => void
  /** Called when the remote was first heard of */
  onFirstResponse: (at: number) => void
  /** Called with each progress event of the transport, by its type */
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
  /**
   * Which provenance this dial accepts: the stage `provenance()` reads it, and an open connection is the answer only if its address passes. A
   * list names those to include
   */
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
