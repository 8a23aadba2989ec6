import { checkHelper } from './check-helper.ts'
import { dropUnjudged } from './drop-unjudged.ts'
import { inheritedUnless, listStage } from './list-stage.ts'
import { FILTER_OPTIONS } from './stage-options.ts'
import { checkOptions } from '../check-options.ts'
import { describeValue } from '../describe-value.ts'
import { InvalidStageOutputError } from '../errors.ts'
import { isThenable } from '../is-thenable.ts'
import type { FilterOptions } from './stage-options.ts'
import type { StageDial } from '../runtime/stage-dial.ts'
import type { Candidate, Dial, Stage } from '../types.ts'

/** True: stays; false or a reason in words: goes */
export type Verdict = boolean | string

export type Judge = (candidate: Candidate, dial: Dial) => Verdict | Promise<Verdict>

/**
 * A stage that takes addresses away. It is asked once per candidate object; slow answers are awaited concurrently, and
 * hold nobody else back. An address whose judge throws or rejects is dropped, with the error as the reason and in the log.
 *
 * @throws InvalidPipelineError for an empty name, and for what is not a function
 */
export function filter<const N extends string> (name: N, judge: Judge, init: FilterOptions = {}): Stage<'candidates', 'candidates', N> {
  checkHelper('filter', name, judge)
  checkOptions(`filter("${name}")`, init, FILTER_OPTIONS)

  return filtering(name, judge, init)
}

/** The same for stages of this package, which see more of the dial */
export function filtering<const N extends string> (name: N, judge: (candidate: Candidate, dial: StageDial) => Verdict | Promise<Verdict>, init: FilterOptions = {}): Stage<'candidates', 'candidates', N> {
  return listStage(name, (dial, work) => {
    const answers = new Map<Candidate, boolean | undefined>()

    function settle (candidate: Candidate, verdict: Verdict): boolean {
      if (typeof verdict !== 'boolean' && typeof verdict !== 'string') {
        throw new InvalidStageOutputError(name, `answered ${describeValue(verdict)} for ${candidate.id}: a filter answers true, false or a reason in words`)
      }

      answers.set(candidate, verdict === true)

      if (verdict !== true) {
        work.drop(candidate, verdict === false ? 'dropped' : verdict)
      }

      return verdict === true
    }

    function fail (candidate: Candidate, thrown: unknown): boolean {
      answers.set(candidate, false)
      dropUnjudged(candidate, thrown, dial, work)

      return false
    }

    async function settleLater (candidate: Candidate, answer: Promise<Verdict>): Promise<void> {
      try {
        settle(candidate, await answer)
      } catch (err) {
        fail(candidate, err)
      }
    }

    function judged (candidate: Candidate): boolean {
      if (answers.has(candidate)) {
        return answers.get(candidate) === true
      }

      try {
        const answer = judge(candidate, dial)

        if (!isThenable(answer)) {
          return settle(candidate, answer)
        }

        answers.set(candidate, undefined)
        work.add(settleLater(candidate, answer))

        return false
      } catch (err) {
        return fail(candidate, err)
      }
    }

    return ({ candidates }) => candidates.filter(judged)
  }, { role: 'filter', options: init.options, isPure: true, forRelays: inheritedUnless(init.forRelays) })
}
