import type { Candidate, Dial, List } from '../pipeline/types.ts'

/** Tells whether a dial has nothing left to try but what a stage keeps back: a protection delays, and refuses nothing */
export class NothingElse {
  readonly #dial: Dial
  #firstRevision?: number

  constructor (dial: Dial) {
    this.#dial = dial
  }

  /** @param isKeptBack - whether the stage keeps back a candidate of the list */
  isLeft ({ candidates, complete, revision }: List, isKeptBack: (candidate: Candidate) => boolean): boolean {
    if (!complete) {
      return false
    }

    const { outcomes } = this.#dial
    this.#firstRevision ??= revision

    // sources that are asked when everything is spent see that in the next revision
    if (outcomes.length === 0 && this.#firstRevision === revision) {
      return false
    }

    return !outcomes.some(({ status }) => status === 'connected') && candidates.every(one => isKeptBack(one) || this.#dial.spent(one))
  }
}
