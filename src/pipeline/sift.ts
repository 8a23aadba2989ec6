import { asPolicy } from './dial-policy.ts'
import { describeValue } from './describe-value.ts'
import { InvalidStageOutputError } from './errors.ts'
import { judged } from './judged.ts'
import { named } from './named.ts'
import { check } from './observe.ts'
import { stepwise } from './stepwise.ts'
import type { FilterOptions } from './stage-options.ts'
import type { Verdict } from './filter.ts'
import type { Candidate, Dial, DialComponents, List, StageInit } from './types.ts'

/** Looks at the whole list, and gives what then judges each candidate of it */
export type JudgeList = (candidates: readonly Candidate[], dial: Dial, components: DialComponents) => (candidate: Candidate) => Verdict

/** A stage that takes addresses away by comparing them with the others. It is asked anew for each list */
export function sift<const N extends string> (name: N, judgeList: JudgeList, { options, forRelays }: FilterOptions = {}): StageInit<'candidates', 'candidates', N> {
  return asPolicy(check(named(name, ['candidates'], 'candidates', components => stepwise(dial => ({
    next: (list: List): List => {
      const judge = judgeList(list.candidates, dial, components)

      if (typeof judge !== 'function') {
        throw new InvalidStageOutputError(name, `gave ${describeValue(judge)} where a function that judges a candidate was expected`)
      }

      return judged(list, dial, candidate => {
        const verdict = judge(candidate)

        if (typeof verdict !== 'boolean' && typeof verdict !== 'string') {
          throw new InvalidStageOutputError(name, `answered ${describeValue(verdict)} for ${candidate.id}: a verdict is true, false or a reason in words`)
        }

        return verdict
      })
    }
  })), options)), forRelays)
}
