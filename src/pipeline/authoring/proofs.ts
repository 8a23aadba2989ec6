import { claimOf, judged } from '../claim.ts'
import type { CertifiedAddresses, Claim } from '../claim.ts'
import type { ListPlan } from '../runtime/plan.ts'
import type { StageDial } from '../runtime/stage-dial.ts'
import type { Candidate, List, Work } from '../types.ts'

/** Which candidates a stage judges by whether the peer has signed them */
export type Asks = (candidate: Candidate, dial: StageDial) => boolean

/** A function that a user has written may look at any */
export const asksAll: Asks = () => true

/**
 * Has claims proved before a stage sees them. A candidate is held while its proof is looked for, and the list is not complete
 *
 * @param begin the stage's own
 */
export function provedFor (asks: Asks, begin: ListPlan['begin']): ListPlan['begin'] {
  return (dial, work, state) => {
    const answer = begin(dial, work, state)
    const isAsked = (candidate: Candidate): boolean => claimOf(candidate) != null && asks(candidate, dial)
    let proofs: Proofs | undefined

    return list => answer(list.candidates.some(isAsked) ? (proofs ??= new Proofs(dial, work)).of(list, isAsked) : list)
  }
}

/** The candidates that a stage sees in the place of those that claim something, in one run of the stage */
class Proofs {
  readonly #dial: StageDial
  readonly #work: Work
  readonly #judged = new Map<Candidate, Candidate | undefined>()

  constructor (dial: StageDial, work: Work) {
    this.#dial = dial
    this.#work = work
  }

  of (list: List, isAsked: (candidate: Candidate) => boolean): List {
    const candidates = list.candidates.flatMap(one => isAsked(one) ? this.#of(one) ?? [] : one)

    return { ...list, candidates, complete: list.complete && candidates.length === list.candidates.length }
  }

  /** Undefined: the proof is looked for */
  #of (candidate: Candidate): Candidate | undefined {
    if (this.#judged.has(candidate)) {
      return this.#judged.get(candidate)
    }

    const proof = (claimOf(candidate) as Claim).prove()

    if (!(proof instanceof Promise)) {
      return this.#settle(candidate, proof)
    }

    this.#judged.set(candidate, undefined)
    this.#work.add(proof.then(proven => this.#settle(candidate, proven)))
  }

  #settle (candidate: Candidate, proof: CertifiedAddresses | undefined): Candidate {
    const one = judged(candidate, proof)
    this.#judged.set(candidate, one)
    // whoever reads the trace of the dial is told what was proved
    this.#dial.part.host.story.of(one).candidate = one

    return one
  }
}
