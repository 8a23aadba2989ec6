import type { Candidate } from '../pipeline/types.ts'

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
