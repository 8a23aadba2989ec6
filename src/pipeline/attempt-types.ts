import type { Clock } from './clock.ts'
import type { Candidate } from './flow.ts'
import type { Source, SourceList } from './sources.ts'
import type { DialPipeline } from './stage-types.ts'
import type { AbortOptions, Connection } from '@libp2p/interface'
import type { OpenConnectionOptions } from '@libp2p/interface-internal'

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
