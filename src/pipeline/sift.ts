import { checkHelper } from './check-helper.ts'
import { checkOptions } from './check-options.ts'
import { asPolicy } from './dial-policy.ts'
import { describeValue } from './describe-value.ts'
import { InvalidStageOutputError } from './errors.ts'
import { judged } from './judged.ts'
import { named } from './named.ts'
import { check } from './observe.ts'
import { stepwise } from './stepwise.ts'
import { FILTER_OPTIONS } from './stage-options.ts'
import type { FilterOptions } from './stage-options.ts'
import type { Verdict } from './filter.ts'
import type { Candidate, Dial, DialComponents, List, StageInit } from './types.ts'

/** Looks at the whole list, and gives what then judges each candidate of it */
export type JudgeList = (candidates: readonly Candidate[], dial: Dial, components: DialComponents) => (candidate: Candidate) => Verdict

/**
 * A stage that takes addresses away by comparing them with the others. It is asked anew for each list
 *
 * @throws InvalidPipelineError for an empty name, and for what is not a function
 */
export function sift<const N extends string> (name: N, judgeList: JudgeList, init: FilterOptions = {}): StageInit<'candidates', 'candidates', N> {
  checkHelper('sift', name, judgeList)
  checkOptions(`sift("${name}")`, init, FILTER_OPTIONS)
  const { options, forRelays } = init

  return asPolicy(check(named(name, ['candidates'], 'candidates', components => stepwise(dial => ({
    next: (list: List): List => {
      const judge = judgeList([...list.candidates], dial, components)

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
