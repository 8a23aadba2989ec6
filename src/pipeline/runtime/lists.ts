import { stateOf } from './make-stage.ts'
import { StageDial } from './stage-dial.ts'
import { Step } from './step.ts'
import { StageWork } from './work.ts'
import { toStageError } from '../to-stage-error.ts'
import type { Part } from './part.ts'
import type { ListPlan } from './plan.ts'
import type { StageRule } from './rules.ts'
import type { AnyStage, Candidate, DialPipelineOptions } from '../types.ts'

/** A list as the runtime hands it down */
export interface MadeList {
  readonly candidates: readonly Candidate[]
  readonly complete: boolean
  /** It is complete but for what a source looks for because all else was tried in vain */
  readonly isLookingFurther: boolean
}

/** A list stage, where it stands */
export interface PlacedStage {
  readonly stage: AnyStage
  readonly plan: ListPlan
  /** Instead of those of the dial */
  readonly options?: DialPipelineOptions
  /** The policy of another dial that it belongs to: that is inherited in its turn, with its options */
  readonly within?: AnyStage
}

const EMPTY: MadeList = Object.freeze({ candidates: Object.freeze([]), complete: true, isLookingFurther: false })

/** The lists of a part of a dial: made when they are pulled, from the first stage on that has something new to look at */
export class Lists {
  /** Those that hold for a race below */
  readonly rules: readonly StageRule[]
  /** The filters that stand above what is below, the uppermost first */
  readonly filters: readonly AnyStage[]
  readonly #above?: Lists
  readonly #part: Part
  readonly #steps: readonly Step[]
  #version = -1
  #failure?: { error: unknown }

  constructor (part: Part, above?: Lists, stages: readonly PlacedStage[] = []) {
    const filters = [...above?.filters ?? []]
    this.#part = part
    this.#above = above
    this.#steps = stages.map(placed => {
      const step = this.#begin(placed, [...filters])

      if (placed.plan.forRelays === 'inherited' && (placed.within == null || filters.at(-1) !== placed.within)) {
        filters.push(placed.within ?? placed.stage)
      }

      return step
    })
    this.filters = filters
    this.rules = rulesOf(above?.rules ?? [], this.#steps.flatMap(({ work }) => work.rules))
  }

  /**
   * The newest list; the same object where nothing has changed
   *
   * @param last - all was tried in vain: whether anybody knows more
   * @throws what a stage throws
   */
  take (last = false): MadeList {
    const { target } = this.#part.host
    let list = this.#above?.take(last) ?? EMPTY

    if (this.#failure != null) {
      throw this.#failure.error
    }

    const isNews = last || this.#version !== target.version
    this.#version = target.version

    for (const step of this.#steps) {
      list = step.take(list, isNews, last)
    }

    return list
  }

  /** The filters above the lowest source that gives an address. Undefined: nobody knows where it comes from */
  filtersAbove (id: string): readonly AnyStage[] | undefined {
    let ids = new Set([id])

    for (const { work, filters } of this.#steps.toReversed()) {
      if ([...ids].some(one => work.gives?.(one) === true)) {
        return filters
      }

      ids = new Set([...ids].flatMap(one => Array.from(work.origins.get(one) ?? [one])))
    }

    return [...ids].map(one => this.#above?.filtersAbove(one)).reduce((most, filters) => (filters?.length ?? -1) > (most?.length ?? -1) ? filters : most, undefined)
  }

  #begin ({ stage, plan, options }: PlacedStage, filters: readonly AnyStage[]): Step {
    const dial = new StageDial(this.#part, stage, options)
    const work = new StageWork(dial, error => { this.#failure ??= { error: toStageError(stage.name, error) } })

    try {
      return new Step({ dial, work, plan, filters, answer: plan.begin(dial, work, stateOf(stage, this.#part.host.node)) })
    } catch (err) {
      throw toStageError(stage.name, err)
    }
  }
}

/** A pace takes the place of those of the pipelines around; holds add up */
function rulesOf (outer: readonly StageRule[], own: readonly StageRule[]): readonly StageRule[] {
  return own.some(({ isPace }) => isPace) ? [...outer.filter(({ isPace }) => !isPace), ...own] : [...outer, ...own]
}
