import { checkAnswer } from './check-answer.ts'
import { toStageError } from '../to-stage-error.ts'
import type { MadeList, PlacedStage } from './lists.ts'
import type { StageDial } from './stage-dial.ts'
import type { StageWork } from './work.ts'
import type { Answer, Candidate } from '../types.ts'

/** One list stage in one part of a dial */
export class Step {
  readonly work: StageWork
  readonly placed: PlacedStage
  readonly #dial: StageDial
  readonly #answer: Answer
  #input?: MadeList
  #output?: MadeList

  constructor (placed: PlacedStage, dial: StageDial, work: StageWork, answer: Answer) {
    this.placed = placed
    this.work = work
    this.#dial = dial
    this.#answer = answer
  }

  /** @param isNews - something was learnt since the stage was asked, of which its list says nothing */
  take (list: MadeList, isNews: boolean, last: boolean): MadeList {
    const { work } = this
    const isSame = this.#input?.candidates === list.candidates
    const isAsked = work.hasNews || !isSame || (this.placed.plan.isPure !== true && (isNews || this.#input !== list))
    this.#input = list
    const candidates = isAsked || this.#output == null ? this.#ask(list, last && (list.complete || list.isLookingFurther)) : this.#output.candidates
    const complete = list.complete && work.pending === 0
    const isLookingFurther = !complete && work.pending === work.further + work.waits && (list.isLookingFurther || (list.complete && work.further > 0))

    if (this.#output?.candidates === candidates && this.#output.complete === complete && this.#output.isLookingFurther === isLookingFurther) {
      return this.#output
    }

    if (complete && candidates !== list.candidates) {
      this.#tellWhoIsLeftOut(list.candidates, candidates)
    }

    this.#output = candidates === list.candidates && complete === list.complete && isLookingFurther === list.isLookingFurther ? list : { candidates, complete, isLookingFurther }

    return this.#output
  }

  #ask (list: MadeList, last: boolean): readonly Candidate[] {
    try {
      this.work.asked()
      const { candidates, complete } = list
      const answered = this.placed.plan.isTrusted === true
        ? this.#answer({ candidates, complete, last })
        : checkAnswer(this.#answer({ candidates: [...candidates], complete, last }), candidates, this.#dial, this.work)

      this.work.passed(answered)
      // what the stage itself has ended meanwhile, its answer knows
      this.work.hasNews = false

      // stages below are not asked about what they have seen
      return this.#output != null && isSame(answered, this.#output.candidates) ? this.#output.candidates : isSame(answered, candidates) ? candidates : answered
    } catch (err) {
      throw toStageError(this.#dial.stage, err)
    }
  }

  #tellWhoIsLeftOut (given: readonly Candidate[], answered: readonly Candidate[]): void {
    if (answered.length >= given.length && this.work.drops == null) {
      return
    }

    const ids = new Set(answered.map(({ id }) => id))

    for (const candidate of given) {
      if (!ids.has(candidate.id)) {
        this.work.leftOut(candidate)
      }
    }
  }
}

function isSame (a: readonly Candidate[], b: readonly Candidate[]): boolean {
  if (a.length !== b.length) {
    return false
  }

  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) {
      return false
    }
  }

  return true
}
