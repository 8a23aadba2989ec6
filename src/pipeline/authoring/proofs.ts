import { claimOf, judged } from '../claim.ts'
import { askedOnce, isThenable } from '../foreign-promises.ts'
import type { CertifiedAddresses } from '../claim.ts'
import type { ListPlan } from '../runtime/plan.ts'
import type { StageDial } from '../runtime/stage-dial.ts'
import type { StageWork } from '../runtime/work.ts'
import type { Candidate, List } from '../types.ts'

/** Which candidates a stage judges by whether the peer has signed them */
export type Asks = (candidate: Candidate, dial: StageDial) => boolean

/** A function that a user has written may look at any */
export const asksAll: Asks = () => true

/**
 * Has claims proved before a stage sees them. A candidate is held while its proof is looked for, and the list is not complete. So are those
 * that have come with it: a race below would dial them before the stage has compared them with it
 *
 * @param begin the stage's own
 */
export function provedFor (asks: Asks, begin: ListPlan['begin']): ListPlan['begin'] {
  return (dial, work, state) => {
    const answer = begin(dial, work, state)
    const isAsked = (candidate: Candidate): boolean => claimOf(candidate) != null && asks(candidate, dial)
    let provedOf: ReturnType<typeof proving> | undefined
    let seen: readonly Candidate[] = []

    function prove (list: List): List {
      if (!list.candidates.some(isAsked)) {
        return list
      }

      const proved = (provedOf ??= proving(dial, work))
      const candidates = list.candidates.map(one => isAsked(one) ? proved(one) : one)

      return candidates.every(one => one != null) ? { ...list, candidates } : { ...list, candidates: onlySeen(list, candidates, seen), complete: false }
    }

    return list => {
      const proved = prove(list)
      seen = proved.candidates

      return answer(proved)
    }
  }
}

/** What the stage has seen before stays, as it was where its proof is looked for */
function onlySeen ({ candidates }: List, proved: ReadonlyArray<Candidate | undefined>, seen: readonly Candidate[]): Candidate[] {
  const byId = new Map(seen.map(one => [one.id, one]))

  return candidates.flatMap(({ id }, i) => byId.has(id) ? proved[i] ?? byId.get(id) ?? [] : [])
}

/** What a stage sees in the place of each candidate that claims something, in one run of the stage. Undefined: the proof is looked for */
function proving (dial: StageDial, work: StageWork): (candidate: Candidate) => Candidate | undefined {
  function settle (candidate: Candidate, proof: CertifiedAddresses | undefined): Candidate {
    const one = judged(candidate, proof)
    // whoever reads the trace of the dial is told what was proved
    dial.part.host.story.of(one).candidate = one

    return one
  }

  return askedOnce<Candidate>(dial, work, {
    ask: candidate => {
      const proof = claimOf(candidate)?.prove()

      return isThenable(proof) ? proof.then(one => settle(candidate, one)) : settle(candidate, proof)
    },
    check: () => {},
    onFailure: (_candidate, thrown) => { throw thrown }
  })
}
