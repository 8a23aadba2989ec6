import type { Clock } from './clock.ts'
import type { DialComponents } from './dial-components.ts'
import type { Candidate, DialPipeline, Flight, List, Outcome, Target } from './flow.ts'
import type { Source, SourceList } from './sources.ts'
import type { AbortOptions, Connection, Logger } from '@libp2p/interface'
import type { OpenConnectionOptions } from '@libp2p/interface-internal'

export type * from './dial-components.ts'
export type * from './flow.ts'

/**
 * A timing rule. Returns a time on the dial's clock before which no candidate starts, or a function from a candidate to such a time. 0: no limit.
 * Infinity: not until something changes
 */
export type Rule = (race: RaceState, dial: Dial) => number | ((candidate: Candidate) => number)

/** The state of a race that a timing rule reads. It has no current time: a rule names a time, and does not look at the clock */
export interface RaceState {
  /** The candidates that were not attempted, in the order of the list */
  readonly untried: readonly Candidate[]
  readonly inFlight: readonly Flight[]
  readonly outcomes: readonly Outcome[]
  /** Whether the list is complete */
  readonly complete: boolean
  /** When the race began, in milliseconds on the dial's clock */
  readonly startedAt: number
  /** When the first attempt started. Infinity: none has started */
  readonly firstStart: number
  /** When the latest attempt started. −Infinity: none has started */
  readonly lastStart: number
}

/** A dial, as a stage sees it */
export interface Dial extends Required<AbortOptions> {
  /** The peer and addresses that the callers asked for. Changes when a caller joins */
  readonly target: Target
  /** The dial options of libp2p and those that the stage declares, as the first caller passed them. Without the signal: a dial has its own */
  readonly options: Omit<DialPipelineOptions, 'signal'>
  /** How the attempts of this dial ended, oldest first, capped at the newest 1,024 */
  readonly outcomes: readonly Outcome[]
  readonly clock: Clock
  readonly log: Logger
  /** The components of the node */
  readonly node: DialComponents

  /** Returns whether an attempt of the candidate has ended. A cancelled attempt does not count */
  tried (candidate: Candidate): boolean

  /** The same as `tried()`, over all runs of a `retry` */
  everTried (candidate: Candidate): boolean
}

/** A dial, as a stage below a race sees it */
export interface ConnectedDial extends Dial {
  /**
   * Gives back a connection that the stage does not pass on. It is closed unless another dial uses it. With a reason, the errors of the dial include
   * a `VerificationError` with the stage, the address and the reason
   */
  discard (connection: Connection, reason?: string): void

  /** Asks for further connections after the first one. Without a call, the dial ends with its first connection */
  linger (): void
}

/** Registers what a list stage waits for. All of it is cancelled when the stage's part of the dial ends */
export interface Work {
  /** Keeps the list incomplete until the promise settles. A rejection fails the dial. The promise must not wait for an attempt */
  add (promise: Promise<unknown>): void

  /** Keeps the list incomplete for `ms` milliseconds, or until `end()` of the returned timer is called */
  after (ms: number): Timer

  /** Asks the stage again at a time on the dial's clock, without keeping the list incomplete. A past or repeated time has no effect */
  at (time: number): void

  /** Registers a rule for the time between attempts, in `begin` only. Default: 250 ms after the latest start */
  pace (rule: Rule): void

  /** Registers a rule that makes some candidates wait longer, in `begin` only */
  hold (rule: Rule): void

  /** Records why a candidate is missing from the answer, and the error behind it, if any */
  drop (candidate: Candidate, reason: string, cause?: Error): void

  /** Records that other candidates replace a candidate from here on */
  became (candidate: Candidate, into: readonly Candidate[]): void
}

export interface Timer {
  readonly done: boolean
  end (): void
}

/** Returns the candidates of a list that a stage passes on, preferred first */
export type Answer = (list: List) => readonly Candidate[]

/** Dials one candidate over a transport, once */
export type Attempt = (candidate: Candidate, options: AttemptOptions) => Promise<Connection>

/** Wraps an attempt, for example with a retry or a timeout */
export type AttemptLayer = (next: Attempt) => Attempt

export interface AttemptOptions extends Required<AbortOptions> {
  readonly clock: Clock
  /** The node's `addressDialTimeout`, in milliseconds */
  readonly timeout: number
  /**
   * Options for the transport that a layer adds. They reach the socket unchanged, and such an attempt is not shared with other dials. The transport
   * gets only two options of the caller: `initiator` and `trace`
   */
  readonly transport?: Readonly<Record<string, unknown>>
  /**
   * Called when the attempt waits for the connection gater, or for a slot that other addresses of the dial do not need. Others may start meanwhile. A
   * layer that waits calls it first: otherwise others start 250 ms later
   */
  onHeld?: () => void
  /** Called when the attempt has a slot and the transport begins, with the time */
  onStart: (at: number) => void
  /** Called at the first response of the remote, with the time */
  onFirstResponse: (at: number) => void
  /** Called with the type and time of each progress event of the transport */
  onMark?: (type: string, at: number) => void
}

/**
 * The sources that an address may have. An address with several sources passes if one of them is accepted. One of the two fields is required:
 * `{ exclude: [] }` accepts all sources
 */
export interface ProvenancePolicy {
  /** The accepted sources. Default: all */
  include?: readonly Source[]
  /** The refused sources. Default: none */
  exclude?: readonly Source[]
}

/** Dial options that stages read. Applications may augment this interface with the options of their own stages */
export interface StageOptions {
  /**
   * The policy for the sources of addresses in this dial, or the array of accepted sources. The stage `provenance()` applies it. An open
   * connection answers the dial only if its address passes too. Undefined: the policy of the stage applies
   */
  provenance?: ProvenancePolicy | SourceList | undefined
}

export interface DialPipelineOptions extends OpenConnectionOptions, StageOptions {
  /** The pipeline for this dial, instead of the node's */
  pipeline?: DialPipeline | undefined
  /** Whether a limited connection answers the dial at once */
  runOnLimitedConnection?: boolean | undefined
  /** The source of the addresses that are passed to `dial()` */
  source?: Source | undefined
}
