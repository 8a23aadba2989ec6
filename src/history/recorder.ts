import type { Candidate } from '../pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'

/** The end of an attempt */
export interface Attempted {
  readonly candidate: Candidate
  readonly startedAt: number
  readonly firstResponseAt?: number
  readonly endedAt: number
  /** Why the attempt failed or was cancelled. Undefined: it has connected */
  readonly error?: Error
  /** Whether the attempt was cancelled. Then it only shows that there was no answer so far */
  readonly isCancelled: boolean
}

/** Records the attempts and dials of a dialer */
export interface Recorder {
  /** Records the first response of an attempt */
  answered (candidate: Candidate): void
  attempted (attempt: Attempted): void
  /** Records that all attempts of a dial have failed. @param wereAllTried whether the dial has left out no address */
  unreachable (peer: PeerId, wereAllTried?: boolean): void
}
