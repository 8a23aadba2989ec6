import { checkArguments, checkOptions } from '../check-options.ts'
import { describeValue } from '../describe-value.ts'
import { InvalidStageOutputError, isPipelineFault, toError } from '../errors.ts'
import { isThenable, settledOrAborted } from '../foreign-promises.ts'
import { FILTER_OPTIONS, checkHelper, inheritedUnless, listStage } from './list-stage.ts'
import type { StageDial } from '../runtime/stage-dial.ts'
import type { StageWork } from '../runtime/work.ts'
import type { Candidate, Dial, Stage, Work } from '../types.ts'
import type { FilterOptions } from './list-stage.ts'

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
  checkHelper('filter', name, judge)
  checkOptions(`filter("${name}")`, init, FILTER_OPTIONS)

  return filtering(name, judge, init)
}

/** The same for stages of this package, which see more of the dial */
export function filtering<const N extends string> (name: N, judge: DialJudge, init: FilterOptions = {}): Stage<'candidates', 'candidates', N> {
  return listStage(name, (dial, work) => {
    const verdicts = new Verdicts(judge, dial, work)

    return ({ candidates }) => candidates.filter(verdicts.isKept)
  }, { role: 'filter', options: init.options, isPure: true, forRelays: inheritedUnless(init.forRelays) })
}

type DialJudge = (candidate: Candidate, dial: StageDial) => Verdict | Promise<Verdict>

/** What a filter has said of each candidate in one dial */
class Verdicts {
  readonly #judge: DialJudge
  readonly #dial: StageDial
  readonly #work: StageWork
  /** Undefined: the judge takes its time */
  readonly #answers = new Map<Candidate, boolean | undefined>()

  constructor (judge: DialJudge, dial: StageDial, work: StageWork) {
    this.#judge = judge
    this.#dial = dial
    this.#work = work
  }

  readonly isKept = (candidate: Candidate): boolean => {
    const known = this.#answers.get(candidate)

    if (known !== undefined || this.#answers.has(candidate)) {
      return known === true
    }

    try {
      const answer = this.#judge(candidate, this.#dial)

      if (!isThenable(answer)) {
        return this.#settle(candidate, answer)
      }

      this.#answers.set(candidate, undefined)
      this.#work.add(this.#settleLater(candidate, answer))
    } catch (err) {
      this.#fail(candidate, err)
    }

    return false
  }

  #settle (candidate: Candidate, verdict: Verdict): boolean {
    if (typeof verdict !== 'boolean' && typeof verdict !== 'string') {
      throw new InvalidStageOutputError(this.#dial.stage, `answered ${describeValue(verdict)} for ${candidate.id}: a filter answers true, false or a reason in words`)
    }

    this.#answers.set(candidate, verdict === true)

    if (verdict !== true) {
      this.#work.drop(candidate, verdict === false ? 'dropped' : verdict)
    }

    return verdict === true
  }

  async #settleLater (candidate: Candidate, answer: Promise<Verdict>): Promise<void> {
    try {
      this.#settle(candidate, await settledOrAborted(answer, this.#dial.signal))
    } catch (err) {
      this.#fail(candidate, err)
    }
  }

  #fail (candidate: Candidate, thrown: unknown): void {
    this.#answers.set(candidate, false)
    dropUnjudged(candidate, thrown, this.#dial, this.#work)
  }
}

/**
 * Drops an address whose judge has thrown or rejected: the error costs no other address
 *
 * @throws what was thrown, where the stage itself is at fault, or the dial has ended
 */
export function dropUnjudged (candidate: Candidate, thrown: unknown, dial: Dial, work: Work): void {
  if (isPipelineFault(thrown) || dial.signal.aborted) {
    throw thrown
  }

  const error = toError(thrown)
  dial.log.error('could not judge %s - %e', candidate.id, error)
  work.drop(candidate, `could not be judged: ${error.message}`, error)
}
