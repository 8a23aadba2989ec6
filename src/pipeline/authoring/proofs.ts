import { claimOf, withVerifiedClaim } from '../candidate.ts'
import { askOnce, isThenable } from '../foreign-promises.ts'
import type { CertifiedAddresses } from '../candidate.ts'
import type { ListPlan } from '../runtime/make-stage.ts'
import type { StageDial } from '../runtime/stage-dial.ts'
import type { StageWork } from '../runtime/work.ts'
import type { Candidate, List } from '../types.ts'

/** Selects the candidates that a stage judges by whether the peer signed them */
export type ProofFilter = (candidate: Candidate, dial: StageDial) => boolean

/** A function of the user may look at the signature of any candidate */
export const proveAll: ProofFilter = () => true

/**
 * Has claims of a signature verified before the stage sees them. While a proof is pending the list is incomplete, and its candidate and those
 * that arrived with it are held: otherwise the race would dial them before the stage has compared all of them
 *
 * @param begin the stage's own `begin`
 */
export function withProofs (asks: ProofFilter, begin: ListPlan['begin']): ListPlan['begin'] {
  return (dial, work, state) => {
    const answer = begin(dial, work, state)
    const isAsked = (candidate: Candidate): boolean => claimOf(candidate) != null && asks(candidate, dial)
    let provedOf: ReturnType<typeof makeProver> | undefined
    let seen: readonly Candidate[] = []

    function prove (list: List): List {
      if (!list.candidates.some(isAsked)) {
        return list
      }

      const proved = (provedOf ??= makeProver(work))
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

/** Returns the candidates that the stage has seen before, proved ones in their new form */
function onlySeen ({ candidates }: List, proved: ReadonlyArray<Candidate | undefined>, seen: readonly Candidate[]): Candidate[] {
  const byId = new Map(seen.map(one => [one.id, one]))

  return candidates.flatMap(({ id }, i) => byId.has(id) ? proved[i] ?? byId.get(id) ?? [] : [])
}

/** Returns what the stage sees in place of each candidate with a claim, in one run. Undefined: the proof is pending */
function makeProver (work: StageWork): (candidate: Candidate) => Candidate | undefined {
  function settle (candidate: Candidate, proof: CertifiedAddresses | undefined): Candidate {
    const one = withVerifiedClaim(candidate, proof)
    // the trace shows the verified candidate
    work.part.host.story.of(one).candidate = one

    return one
  }

  return askOnce<Candidate>(work, {
    ask: candidate => {
      const proof = claimOf(candidate)?.prove()

      return isThenable(proof) ? proof.then(one => settle(candidate, one)) : settle(candidate, proof)
    },
    check: () => {},
    onFailure: (_candidate, thrown) => { throw thrown }
  })
}
