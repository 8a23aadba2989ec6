import { InvalidStageOutputError, toStageError } from '../errors.ts'
import { highest } from '../extremes.ts'
import { checkAnswer } from './answers.ts'
import { LEFT_OUT, StageWork } from './work.ts'
import type { AnyStage, Candidate, DialPipelineOptions } from '../types.ts'
import type { Part } from './part.ts'
import type { ListPlan } from './make-stage.ts'
import type { StageRule } from './rules.ts'
import type { RaceLists } from './stage-dial.ts'
import type { MadeList, RaceCall } from './dial-host.ts'

/** A list stage in its position */
export interface PlacedStage {
  readonly stage: AnyStage
  readonly plan: ListPlan
  /** The names of the pipelines around it: `policy/` */
  readonly path: string
  readonly state?: unknown
  /** Replaces the options of the dial */
  readonly options?: DialPipelineOptions
  /** The inherited policy that the stage belongs to. A nested dial inherits the policy as a whole, with its options */
  readonly within?: AnyStage
}

const EMPTY: MadeList = Object.freeze({ candidates: Object.freeze([]), complete: true, isSettled: true, isLookingFurther: false })

/** The lists of a part of a dial. A list is made when it is pulled, starting at the first stage with something new to look at */
export class Lists implements RaceLists {
  readonly rules: readonly StageRule[]
  readonly #above?: Lists
  readonly #part: Part
  readonly #steps: readonly Step[]
  #version = -1

  constructor (part: Part, above?: Lists, stages: readonly PlacedStage[] = []) {
    this.#part = part
    this.#above = above
    this.#steps = stages.map(placed => new Step(part, placed))
    this.rules = rulesOf(above?.rules ?? NO_RULES, this.#steps)
  }

  get filters (): readonly AnyStage[] {
    return this.#filtersUpTo(this.#steps.length)
  }

  /** Returns the newest list, or the same object if nothing has changed */
  take (call?: RaceCall): MadeList {
    const { target } = this.#part.host
    let list = this.#above?.take(call) ?? EMPTY
    const isNews = call != null || this.#version !== target.version
    this.#version = target.version

    for (const step of this.#steps) {
      list = step.take(list, isNews, call)
    }

    return list
  }

  filtersAbove (id: string): number {
    let ids = new Set([id])

    for (let i = this.#steps.length - 1; i >= 0; i--) {
      const { findings, origins } = this.#steps[i] as Step

      if ([...ids].some(one => findings?.some(part => part.has(one)) === true)) {
        return this.#filtersUpTo(i).length
      }

      if (origins != null) {
        ids = new Set([...ids].flatMap(one => Array.from(origins.get(one) ?? [one])))
      }
    }

    return highest(Array.from(ids, one => this.#above?.filtersAbove(one) ?? 0))
  }

  get awaited (): string[] {
    return [...this.#above?.awaited ?? [], ...this.#steps.flatMap(({ pending, qualifiedName }) => pending > 0 ? [qualifiedName] : [])]
  }

  get held (): ReadonlyMap<string, string> {
    return new Map([...this.#above?.held ?? [], ...this.#steps.flatMap(({ withheld, qualifiedName }) => withheld.map(({ id }) => [id, qualifiedName] as const))])
  }

  #filtersUpTo (count: number): readonly AnyStage[] {
    const filters = [...this.#above?.filters ?? []]

    for (const { placed: { plan, stage, within } } of this.#steps.slice(0, count)) {
      if (plan.forRelays === 'inherited' && (within == null || filters.at(-1) !== within)) {
        filters.push(within ?? stage)
      }
    }

    return filters
  }
}

/** The lists above an alternative that others follow: of its calls only `held` reaches the stages above. The last alternative makes the others */
export class SharedLists extends Lists {
  override take (call?: RaceCall): MadeList {
    return super.take(call === 'held' ? call : undefined)
  }
}

const NO_RULES: readonly StageRule[] = []

/** Returns the rules of a pipeline and those around it. A pace replaces the outer paces, holds add up */
function rulesOf (outer: readonly StageRule[], steps: readonly Step[]): readonly StageRule[] {
  const own = steps.flatMap(({ rules }) => rules ?? NO_RULES)

  return own.some(({ isPace }) => isPace) ? [...outer.filter(({ isPace }) => !isPace), ...own] : [...outer, ...own]
}

/** The maximum number of times that a stage is asked without news */
const MAX_ASKS = 10_000

/** A list stage in one part of a dial, with its latest lists */
class Step extends StageWork {
  readonly placed: PlacedStage
  readonly #answer: ReturnType<ListPlan['begin']>
  #input?: MadeList
  #output?: MadeList
  #asks = 0
  #knowledge = 0

  constructor (part: Part, placed: PlacedStage) {
    super(part, placed.stage, placed.options, placed.path)
    this.placed = placed

    try {
      this.#answer = placed.plan.begin(this, this, placed.state)
    } catch (err) {
      throw toStageError(this.qualifiedName, err)
    }

    this.hasBegun = true
  }

  /** @param isNews whether anything beside the list has changed since the stage was asked */
  take (list: MadeList, isNews: boolean, call: RaceCall | undefined): MadeList {
    if (this.failure != null) {
      throw this.failure
    }

    const former = this.#output
    const hasOtherCandidates = this.#input?.candidates !== list.candidates
    const mayAnswerOtherwise = this.placed.plan.isPure !== true && (isNews || this.#input !== list)
    const isAsked = former == null || this.hasNews || hasOtherCandidates || mayAnswerOtherwise
    // while a stage above still works on the last call, the call is not passed on
    const heard = call === 'last' && !list.complete && !list.isLookingFurther ? undefined : call
    this.#input = list
    const candidates = isAsked ? this.#ask(list, heard) : former.candidates
    const { role } = this.placed.plan
    // a ranker or filter that holds none back waits for nothing but another order, and no dial waits for that
    const adding = (role === 'rank' || role === 'filter') && candidates.length === list.candidates.length ? 0 : this.pending
    const complete = list.complete && adding === 0
    const isSettled = list.isSettled && this.pending === 0
    const isLookingFurther = !complete && adding === this.further && (list.isLookingFurther || (list.complete && this.further > 0))

    if (former != null && isSameList(former, candidates, complete, isSettled, isLookingFurther)) {
      return former
    }

    if (complete && candidates !== list.candidates) {
      this.#recordMissing(list.candidates, candidates)
    }

    this.#output = isSameList(list, candidates, complete, isSettled, isLookingFurther) ? list : { candidates, complete, isSettled, isLookingFurther }

    return this.#output
  }

  get withheld (): readonly Candidate[] {
    return missingIn(this.#output?.candidates ?? [], this.#input?.candidates ?? [])
  }

  #ask (list: MadeList, call: RaceCall | undefined): readonly Candidate[] {
    try {
      this.#checkRests()
      this.hasNews = false
      const { candidates, complete, isSettled } = list
      const last = call === 'last'
      const answered = this.placed.plan.isTrusted === true
        ? this.#answer({ candidates, complete, isSettled, last, call })
        : checkAnswer(this.#answer({ candidates: [...candidates], complete, last }), candidates, this)

      this.passed(answered)
      // what the stage settled while it was asked is no news: the answer includes it
      this.hasNews = false

      const former = this.#output?.candidates

      // an equal answer is the same object, so that stages below are not asked again
      if (former != null && isSame(answered, former)) {
        return former
      }

      return isSame(answered, candidates) ? candidates : answered
    } catch (err) {
      throw toStageError(this.qualifiedName, err)
    }
  }

  /** @throws InvalidStageOutputError for a stage that is asked again and again without news */
  #checkRests (): void {
    const { stage, part: { host: { target: { knowledge } } } } = this
    this.#asks = knowledge === this.#knowledge ? this.#asks + 1 : 0
    this.#knowledge = knowledge

    if (this.#asks > MAX_ASKS) {
      throw new InvalidStageOutputError(stage, `never comes to rest: it was asked ${MAX_ASKS} times, and nothing was learnt`)
    }
  }

  #recordMissing (given: readonly Candidate[], answered: readonly Candidate[]): void {
    const isTrusted = this.placed.plan.isTrusted === true

    if (!isTrusted || answered.length < given.length || this.drops != null) {
      missingIn(answered, given).forEach(one => { this.leftOut(one, isTrusted ? undefined : LEFT_OUT) })
    }
  }
}

function missingIn (answered: readonly Candidate[], given: readonly Candidate[]): readonly Candidate[] {
  const ids = new Set(answered.map(({ id }) => id))

  return given.filter(({ id }) => !ids.has(id))
}

// compared without an object: nearly all steps pass their list on
function isSameList (list: MadeList, candidates: readonly Candidate[], complete: boolean, isSettled: boolean, isLookingFurther: boolean): boolean {
  return list.candidates === candidates && list.complete === complete && list.isSettled === isSettled && list.isLookingFurther === isLookingFurther
}

function isSame (a: readonly Candidate[], b: readonly Candidate[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i])
}
