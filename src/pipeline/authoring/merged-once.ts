import { merge } from '../candidate.ts'
import type { Candidate } from '../types.ts'

/** Merges candidates: one stays the same object as long as it says the same */
export class MergedOnce {
  readonly #merged = new WeakMap<Candidate, WeakMap<Candidate, Candidate>>()

  merge (first: Candidate, second: Candidate): Candidate {
    const ofFirst = this.#merged.get(first) ?? new WeakMap<Candidate, Candidate>()
    const both = ofFirst.get(second) ?? merge(first, second)
    this.#merged.set(first, ofFirst.set(second, both))

    return both
  }
}
