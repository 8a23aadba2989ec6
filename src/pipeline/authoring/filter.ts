import { checkArguments } from '../check-options.ts'
import { describeValue } from '../describe-value.ts'
import { InvalidStageOutputError } from '../errors.ts'
import { isThenable, settledOrAborted } from '../foreign-promises.ts'
import { FILTER_OPTIONS, checkHelper, inheritedUnless, listStage } from './list-stage.ts'
import { asksAll } from './proofs.ts'
import type { StageDial } from '../runtime/stage-dial.ts'
import type { StageWork } from '../runtime/work.ts'
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
    const verdicts = new AskedOnce(dial, work, {
      ask: judge,
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

    return ({ candidates }) => candidates.filter(candidate => verdicts.of(candidate) === true)
  }, { role: 'filter', options: init.options, isPure: true, forRelays: inheritedUnless(init.forRelays), asks })
}

type DialJudge = (candidate: Candidate, dial: StageDial) => Verdict | Promise<Verdict>

export interface AskedOnceInit<T> {
  readonly ask: (candidate: Candidate, dial: StageDial) => T | Promise<T>
  /** @throws for what is no answer */
  readonly check: (answer: unknown, candidate: Candidate) => void
  /** Called with what the function throws or rejects with. @throws what ends the dial */
  readonly onFailure: (candidate: Candidate, thrown: unknown) => void
}

/** What a function says of each candidate in one run of a stage. It is asked once for each, and may take its time */
export class AskedOnce<T> {
  readonly #init: AskedOnceInit<T>
  readonly #dial: StageDial
  readonly #work: StageWork
  readonly #answers = new Map<Candidate, T | undefined>()

  constructor (dial: StageDial, work: StageWork, init: AskedOnceInit<T>) {
    this.#init = init
    this.#dial = dial
    this.#work = work
  }

  /** Undefined: the function takes its time, or has failed */
  of (candidate: Candidate): T | undefined {
    const known = this.#answers.get(candidate)

    if (known !== undefined || this.#answers.has(candidate)) {
      return known
    }

    this.#answers.set(candidate, undefined)

    try {
      const answer = this.#init.ask(candidate, this.#dial)

      if (!isThenable(answer)) {
        return this.#settle(candidate, answer)
      }

      this.#work.add(this.#settleLater(candidate, answer))
    } catch (err) {
      this.#init.onFailure(candidate, err)
    }
  }

  #settle (candidate: Candidate, answer: T): T {
    this.#init.check(answer, candidate)
    this.#answers.set(candidate, answer)

    return answer
  }

  async #settleLater (candidate: Candidate, answer: Promise<T>): Promise<void> {
    try {
      this.#settle(candidate, await settledOrAborted(answer, this.#dial.signal))
    } catch (err) {
      this.#init.onFailure(candidate, err)
    }
  }
}
