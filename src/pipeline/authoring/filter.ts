import { checkArguments, checkOptions, checkValue } from '../check-options.ts'
import { describeValue } from '../describe-value.ts'
import { InvalidStageOutputError } from '../errors.ts'
import { askOnce, isAsync } from '../foreign-promises.ts'
import { FILTER_OPTIONS, checkHelper, inheritedUnless, listStage, checkedPredicate, proveAll } from './list-stage.ts'
import { FUNCTION, MILLISECONDS } from '../option-kinds.ts'
import type { StageDial } from '../runtime/stage-dial.ts'
import type { Candidate, Dial, Stage } from '../types.ts'
import type { FilterOptions, ProofFilter } from './list-stage.ts'

/** The answer of a filter: `true` keeps the candidate, `false` or a reason in words drops it */
export type Verdict = boolean | string

export type Judge = (candidate: Candidate, dial: Dial) => Verdict | Promise<Verdict>

/**
 * Creates a stage that drops candidates. `judge` is called once for each candidate object and returns `true` to keep it, or `false` or a
 * reason to drop it. A promise holds back its own candidate only. If `judge` throws or rejects, the candidate is dropped, with the error as
 * the reason and in the log.
 *
 * ```ts
 * filter('no-relays', ({ facts }) => facts.isRelayed ? 'relays are not dialled' : true)
 * ```
 *
 * @param init.options the names of the dial options that `judge` reads
 * @param init.forRelays whether the dial of a relay on the way inherits the stage. Default: true
 * @throws InvalidPipelineError for a name that is empty or has a `/`, a `judge` that is not a function, and an unknown or wrong option
 */
export function filter<const N extends string> (name: N, judge: Judge, init: FilterOptions = {}): Stage<'candidates', 'candidates', N> {
  checkArguments('filter()', arguments, 3)
  checkHelper('filter', name, [judge], init, FILTER_OPTIONS)

  return makeFilter(name, judge, init, proveAll)
}

/** `filter()` for stages of this package: `judge` sees more of the dial, and `asks` selects the candidates whose signature matters */
export function makeFilter<const N extends string> (name: N, judge: DialJudge, init: FilterOptions = {}, asks?: ProofFilter): Stage<'candidates', 'candidates', N> {
  return listStage(name, (dial, work) => {
    const verdictOn = askOnce(work, {
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
        const error = dial.logFailure(thrown, 'could not judge %s', candidate.id)
        work.drop(candidate, `could not be judged: ${error.message}`, error)
      }
    })

    return ({ candidates }) => candidates.filter(candidate => verdictOn(candidate) === true)
  }, { role: 'filter', options: init.options, isPure: true, isSlow: isAsync(judge), forRelays: inheritedUnless(init.forRelays), asks })
}

type DialJudge = (candidate: Candidate, dial: StageDial) => Verdict | Promise<Verdict>

export interface OnlyIfNoneInit extends FilterOptions {
  /** Milliseconds after which the other candidates pass although the list is incomplete, because a source above may never answer. Default: no limit */
  after?: number | undefined
}

/**
 * Creates a stage that drops all other candidates while the list has a preferred one: "only configured and certified addresses, the rest if
 * there are none". While the list is incomplete and has no preferred candidate, the other candidates are held back.
 *
 * The dial of a relay inherits the stage unless `forRelays` is false: it drops relay addresses beside a preferred one.
 *
 * @param init.after milliseconds to wait for a preferred candidate. `Infinity` says that a wait without limit is meant: `advice()` does not name it. Default: Infinity
 * @throws InvalidPipelineError for a `preferred` that is not a function, and an unknown or wrong option
 */
export function onlyIfNone (preferred: (candidate: Candidate, dial: Dial) => boolean, init: OnlyIfNoneInit = {}): Stage<'candidates', 'candidates', 'only-if-none'> {
  checkArguments('onlyIfNone()', arguments, 2)
  checkValue('onlyIfNone()', preferred, FUNCTION)
  checkOptions('onlyIfNone()', init, { after: MILLISECONDS, ...FILTER_OPTIONS })
  const { after = Infinity, options, forRelays } = init
  const isPreferred = checkedPredicate('only-if-none', preferred)

  return listStage('only-if-none', (dial, work) => {
    const patience = dial.clock.now() + after
    work.at(patience)

    return ({ candidates, complete }) => {
      const best = candidates.filter(one => isPreferred(one, dial))

      if (best.length === 0) {
        return complete || dial.clock.now() >= patience ? candidates : []
      }

      candidates.filter(one => !best.includes(one)).forEach(one => { work.crowdOut(one, 'a preferred address is known') })

      return best
    }
  }, { role: 'filter', isPatient: init.after === undefined, options, forRelays: inheritedUnless(forRelays), asks: proveAll })
}
