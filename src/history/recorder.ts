import type { Candidate, DialHistory } from '../pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'

/** What came of an attempt */
export interface Attempted {
  readonly candidate: Candidate
  readonly startedAt: number
  readonly firstResponseAt?: number
  readonly endedAt: number
  /** Undefined: it connected */
  readonly error?: Error
  /** Nobody wanted it any more: it says only that there was no answer until then */
  readonly isCancelled: boolean
}

/** What a dialer tells of its attempts and dials */
export interface Recorder {
  /** An attempt has had its first response */
  answered (candidate: Candidate): void
  /** An attempt has ended */
  attempted (attempt: Attempted): void
  /** Every address of a peer was tried and failed */
  unreachable (peer: PeerId): void
}

/** Where a node's history is kept: one that can only be read is told nothing */
export function recorderOf (history: DialHistory): Partial<Recorder> {
  return history as DialHistory & Partial<Recorder>
}
