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

/** An attempt of a dial that was ended before any answer. Times are in milliseconds since the epoch */
export interface SilentAttempt {
  readonly candidate: Candidate
  readonly startedAt: number
  readonly endedAt: number
}

/** Records the attempts and dials of a dialer */
export interface Recorder {
  /** Records the first response of an attempt */
  answered (candidate: Candidate): void
  attempted (attempt: Attempted): void
  /**
   * Records that all attempts of a dial have failed, or were silent until the dial was ended
   *
   * @param wereAllTried whether the dial has left out no address. If it has, the failures of the tried ones stay: next time a left-out one comes first
   * @param silent the attempts of a dial that was ended before an answer. Undefined: all attempts have failed
   */
  unreachable (peer: PeerId, wereAllTried?: boolean, silent?: readonly SilentAttempt[]): void
}
