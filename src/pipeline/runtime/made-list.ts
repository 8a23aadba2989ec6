import type { Candidate } from '../types.ts'

/** A list as the runtime hands it down */
export interface MadeList {
  readonly candidates: readonly Candidate[]
  readonly complete: boolean
  /** It is complete but for what a source looks for because all else was tried in vain */
  readonly isLookingFurther: boolean
}

/** What makes lists, as far as a dial that ran out of time asks about it */
export interface Awaited {
  /** The stages that have something pending, by name */
  readonly awaited: string[]
}
