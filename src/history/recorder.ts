import type { Attempted } from './history.ts'
import type { Candidate, DialHistory } from '../pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'

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
