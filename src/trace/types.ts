import type { AddressStory } from '../pipeline/runtime/story.ts'
import type { Connection, PeerId } from '@libp2p/interface'

/** What happened in one dial. Times are in milliseconds since the epoch */
export interface DialTrace {
  id: string
  peerId?: PeerId
  startedAt: number
  /** Unknown while it runs */
  endedAt?: number
  /** What its callers got, or a better one that followed */
  connection?: Connection
  error?: Error
  addresses: AddressStory[]
}
