import { checkArguments } from '../check-options.ts'
import { describeValue } from '../describe-value.ts'
import { InvalidStageOutputError } from '../errors.ts'
import { askedOnce } from '../foreign-promises.ts'
import { FILTER_OPTIONS, checkHelper, inheritedUnless, listStage } from './list-stage.ts'
import { asksAll } from './proofs.ts'
import type { StageDial } from '../runtime/stage-dial.ts'
import type { Candidate, Dial, Stage } from '../types.ts'
import type { FilterOptions } from './list-stage.ts'
import type { Asks } from './proofs.ts'

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
  checkArguments('filter()', arguments, 3)
  checkHelper('filter', name, [judge], init, FILTER_OPTIONS)

  return filtering(name, judge, init, asksAll)
}

/** The same for stages of this package, which see more of the dial, and say whether they ask who signed an address */
export function filtering<const N extends string> (name: N, judge: DialJudge, init: FilterOptions = {}, asks?: Asks): Stage<'candidates', 'candidates', N> {
  return listStage(name, (dial, work) => {
    const verdictOn = askedOnce(dial, work, {
      ask: candidate => judge(candidate, dial),
      check: (verdict, candidate) => {
        if (typeof verdict !== 'boolean' && typeof verdict !== 'string') {
          throw new InvalidStageOutputError(name, `answered ${describeValue(verdict)} for ${candidate.id}: a filter answers true, false or a reason in words`)
        }

        if (verdict !== true) {
          work.drop(candidate, verdict === false ? 'dropped' : verdict)
        }
      },
      onFailure: (candidate, thrown) => {
        const error = dial.outlive(thrown, 'could not judge %s', candidate.id)
        work.drop(candidate, `could not be judged: ${error.message}`, error)
      }
    })

    return ({ candidates }) => candidates.filter(candidate => verdictOn(candidate) === true)
  }, { role: 'filter', options: init.options, isPure: true, forRelays: inheritedUnless(init.forRelays), asks })
}

type DialJudge = (candidate: Candidate, dial: StageDial) => Verdict | Promise<Verdict>
