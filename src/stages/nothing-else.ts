import type { Candidate, Dial, List } from '../pipeline/types.ts'

/** Tells whether a dial has nothing left to try but what a stage keeps back: a protection delays, and refuses nothing */
export class NothingElse {
  readonly #dial: Dial
  #firstRevision?: number

  constructor (dial: Dial) {
    this.#dial = dial
  }

  /** @param isKeptBack - whether the stage keeps back a candidate of the list */
  isLeft ({ candidates, complete, isLookingFurther, revision }: List, isKeptBack: (candidate: Candidate) => boolean): boolean {
    // a look-up that is made because all is spent may take long, or find nothing
    if (!complete && isLookingFurther !== true) {
      return false
    }

    this.#firstRevision ??= revision

    // sources that are asked when everything is spent see that in the next revision
    if (isLookingFurther !== true && this.#dial.outcomes.length === 0 && this.#firstRevision === revision) {
      return false
    }

    return !this.#dial.hasConnection && candidates.every(one => isKeptBack(one) || this.#dial.spent(one))
  }
}
