import type { AddressStory, SourceFailure } from '../pipeline/runtime/story.ts'
import type { Connection, PeerId } from '@libp2p/interface'

/** What happened in one dial. Times are in milliseconds since the epoch */
export interface StoryTrace {
  id: string
  peerId?: PeerId
  startedAt: number
  /** Unknown while it runs */
  endedAt?: number
  /** What its callers got, or a better one that followed */
  connection?: Connection
  error?: Error
  /** The stage that threw the error, where the error does not say it */
  thrower?: string
  /** The stages that still had something pending: now, or when the dial was ended without a connection */
  awaited?: readonly string[]
  addresses: AddressStory[]
  /** What sources failed with */
  sourceFailures?: readonly SourceFailure[]
}
