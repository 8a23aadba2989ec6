import type { AddressStory, SourceStory } from '../pipeline/runtime/story.ts'
import type { PipelineNames } from '../pipeline/stage-names.ts'
import type { TraceOmissions } from './types.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The wait of one caller for a dial. Times are on the clock of the node */
export interface CallerStory {
  readonly at: number
  readonly multiaddrs: readonly Multiaddr[]
  /** Undefined: it waits */
  readonly endedAt?: number
  /** The address that it was connected at */
  readonly connectedAt?: Multiaddr
  readonly error?: unknown
  /** The caller's own signal has ended the wait */
  readonly hasLeft?: boolean
}

/** A connection, of which nothing is kept alive */
export interface RecordedConnection {
  readonly id: string
  readonly address: string
  readonly isLimited: boolean
  readonly encryption?: string
  readonly multiplexer?: string
}

/** All that a trace is made of. Once the dial has ended, nothing in it keeps a connection, a stage, a signal or an option alive */
export interface DialRecord {
  readonly id: string
  /** The peer, as text */
  readonly peer?: string
  /** The addresses that the callers named */
  readonly multiaddrs: readonly Multiaddr[]
  /** Shared by all dials of a pipeline */
  readonly pipeline: PipelineNames
  readonly startedAt: number
  /** When the dial was over: attempts that go on are on their way out. Undefined: it runs, or goes on for a better connection */
  readonly endedAt?: number
  /** Now, of a dial that runs. Undefined: it has a connection, is over, or waits for its turn */
  readonly readAt?: number
  readonly isAborted: boolean
  readonly connection?: RecordedConnection
  readonly error?: unknown
  readonly callers: readonly CallerStory[]
  /** How much the record itself has left out */
  readonly omitted?: TraceOmissions
  readonly sources: readonly SourceStory[]
  readonly awaited: readonly string[]
  readonly addresses: readonly AddressStory[]
  /** The stages that have let an address neither pass nor go, by the identity of the address */
  readonly held?: ReadonlyMap<string, string>
}
