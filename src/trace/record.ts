import type { SourceStory } from '../pipeline/runtime/source-story.ts'
import type { AddressStory } from '../pipeline/runtime/story.ts'
import type { PipelineNames } from '../pipeline/runtime/make-stage.ts'
import type { TraceOmissions } from './types.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The wait of one caller for a dial. Times are on the node's clock */
export interface CallerStory {
  readonly at: number
  readonly multiaddrs: readonly Multiaddr[]
  /** Undefined while the caller waits */
  readonly endedAt?: number
  /** The remote address of the caller's connection */
  readonly connectedAt?: Multiaddr
  readonly error?: unknown
  /** Whether the caller's own signal has ended the wait */
  readonly hasLeft?: boolean
}

/** The members of a connection that a record keeps. Does not keep the connection alive */
export interface RecordedConnection {
  readonly id: string
  readonly address: string
  readonly isLimited: boolean
  readonly encryption?: string
  readonly multiplexer?: string
}

/** The data of which a trace is made. The record of an ended dial keeps no connection, stage, signal or option alive */
export interface DialRecord {
  readonly id: string
  readonly peer?: string
  /** The addresses that the callers named */
  readonly multiaddrs: readonly Multiaddr[]
  /** The names of the pipeline and its stages, one object for all its dials */
  readonly pipeline: PipelineNames
  readonly startedAt: number
  /** End of the dial. Cancelled attempts may end later. Undefined while the dial runs or lingers */
  readonly endedAt?: number
  /** When this record was read, if the dial was running without a connection. Undefined otherwise */
  readonly readAt?: number
  readonly isAborted: boolean
  readonly connection?: RecordedConnection
  readonly error?: unknown
  readonly callers: readonly CallerStory[]
  /** Number of entries that the record itself has left out */
  readonly omitted?: TraceOmissions
  readonly sources: readonly SourceStory[]
  readonly awaited: readonly string[]
  readonly addresses: readonly AddressStory[]
  /** The names of the stages that hold an address, neither keeping nor dropping it, by address id */
  readonly held?: ReadonlyMap<string, string>
}
