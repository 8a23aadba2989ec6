import { HELPER_OPTIONS, checkHelper, listStage } from './list-stage.ts'
import { checkArguments, checkOptions } from '../check-options.ts'
import { describeValue, ignoreRejections } from '../describe-value.ts'
import { InvalidStageOutputError } from '../errors.ts'
import type { HelperOptions } from './list-stage.ts'
import type { Candidate, Dial, Stage } from '../types.ts'

/**
 * A stage that orders by a number for each candidate, the lowest first; undefined stands last, and equal ones keep the order from above.
 * The number is asked for once per candidate object and run: what changes in a dial is for `rank`
 *
 * @throws InvalidPipelineError for an empty name, what is not a function, and an unknown or wrong option
 */
export function rankBy<const N extends string> (name: N, score: (candidate: Candidate, dial: Dial) => number | undefined, init: HelperOptions = {}): Stage<'candidates', 'candidates', N> {
  checkArguments('rankBy()', arguments, 3)
  checkHelper('rankBy', name, score)
  checkOptions(`rankBy("${name}")`, init, HELPER_OPTIONS)

  return listStage(name, dial => {
    const scores = new Map<Candidate, number>()

    function scoreOf (candidate: Candidate): number {
      const known = scores.get(candidate)

      if (known !== undefined) {
        return known
      }

      const answer: unknown = score(candidate, dial)
      const scored = answer === undefined ? Infinity : answer

      if (typeof scored !== 'number' || Number.isNaN(scored)) {
        ignoreRejections(scored)
        throw new InvalidStageOutputError(name, `scored ${candidate.id} ${describeValue(scored)}: a score is a number, or undefined`)
      }

      scores.set(candidate, scored)

      return scored
    }

    // not a difference: that of Infinity and itself is no number
    return ({ candidates }) => candidates.toSorted((a, b) => Number(scoreOf(a) > scoreOf(b)) - Number(scoreOf(a) < scoreOf(b)))
  }, { ...init, role: 'rank', isPure: true })
}
