import { describeValue, isStage } from './describe-value.ts'
import { InvalidPipelineError } from './errors.ts'
import { converges, findPlan } from './runtime/make-stage.ts'
import type { Pipeline } from './edited.ts'
import type { AnyStage } from './types.ts'

/** The effect of each edit on the stages */
const EDITS = {
  replace: (stages: readonly AnyStage[], at: number, stage: AnyStage) => stages.with(at, stage),
  before: (stages: readonly AnyStage[], at: number, stage: AnyStage) => putIn(stages, at, stage),
  after: (stages: readonly AnyStage[], at: number, stage: AnyStage) => putIn(stages, at + 1, stage),
  without: (stages: readonly AnyStage[], at: number) => stages.toSpliced(at, 1)
}

export type EditName = keyof typeof EDITS

export const EDIT_NAMES = Object.keys(EDITS) as EditName[]

/**
 * Returns the stages of a pipeline after an edit
 *
 * @param args all arguments of the edit: JavaScript drops surplus ones in silence, and a policy with them
 * @throws InvalidPipelineError for missing or surplus arguments, and for an unknown or ambiguous name
 */
export function edit (stages: readonly AnyStage[], how: EditName, args: readonly unknown[]): AnyStage[] {
  const [name, stage, ...more] = args

  if (typeof name !== 'string') {
    throw new InvalidPipelineError(`${how}() needs the name of a stage first, not ${describeValue(name)}: write .${how}('…'${how === 'without' ? '' : ', …'}). The pipeline has: ${namesOf(stages)}`)
  }

  if (how === 'without') {
    checkNothingElse(name, args.slice(1))
  } else {
    checkOneStage(how, name, stage, more)
  }

  const isOwn = stages.some(one => one.name === name)
  const at = positionOf(stages, one => isOwn ? one.name === name : isPipeline(one) && name.startsWith(`${one.name}/`), name)

  if (!isOwn) {
    const nested = stages[at] as Pipeline
    const inner = name.slice(nested.name.length + 1)

    return stages.with(at, how === 'without' ? nested.without(inner) : nested[how](inner, stage as AnyStage))
  }

  if (how === 'without' && stages.length === 1) {
    throw new InvalidPipelineError(`"${name}" is the only stage of its pipeline, and none would be left: take out that pipeline, or .replace('${name}', …)`)
  }

  return EDITS[how](stages, at, stage as AnyStage)
}

function positionOf (stages: readonly AnyStage[], isMeant: (stage: AnyStage) => boolean, name: string): number {
  const positions = stages.flatMap((one, i) => isMeant(one) ? [i] : [])
  const [at] = positions

  if (at == null) {
    throw new InvalidPipelineError(`There is no stage "${name}" in this pipeline. It has: ${namesOf(stages)}`)
  }

  if (positions.length > 1) {
    throw new InvalidPipelineError(`There are ${positions.length} stages "${stages[at]?.name}" in this pipeline (${positions.map(i => i + 1).join(', ')}), so the name does not say which`)
  }

  return at
}

/** Adds a stage. Removes a former one that would act twice: one named after the dial option that both read, or one that converges too */
function putIn (stages: readonly AnyStage[], at: number, stage: AnyStage): AnyStage[] {
  const isOption = ({ name, options }: AnyStage): boolean => options.includes(name)
  const isSame = (one: AnyStage): boolean => one.name === stage.name && ((isOption(one) && isOption(stage)) || (converges(one) && converges(stage)))

  return [...stages.slice(0, at).filter(one => !isSame(one)), stage, ...stages.slice(at).filter(one => !isSame(one))]
}

function isPipeline (stage: AnyStage): stage is Pipeline {
  return findPlan(stage)?.kind === 'pipeline'
}

function namesOf (stages: readonly AnyStage[], within = ''): string {
  return stages.map(one => `${within}${one.name}${isPipeline(one) ? ` (${namesOf(one.stages, `${within}${one.name}/`)})` : ''}`).join(', ')
}

function checkOneStage (how: EditName, name: string, stage: unknown, more: readonly unknown[]): void {
  if (stage === undefined) {
    throw new InvalidPipelineError(`${how}() needs the stage to put in: write .${how}('${name}', …)${how === 'replace' ? `, or .without('${name}') to take that one out` : ''}`)
  }

  if (more.length > 0) {
    throw new InvalidPipelineError(more.every(isStage)
      ? `${how}() puts in one stage, and was given ${more.length + 1}: write .${how}('${name}', pipeline(…)) with all of them, or one .${how}() for each`
      : `${how}() takes the name of a stage and the stage to put in, and was given ${describeValue(more[0])} beside them`)
  }
}

function checkNothingElse (name: string, more: readonly unknown[]): void {
  if (more.length > 0) {
    throw new InvalidPipelineError(more.every(one => typeof one === 'string')
      ? `without() takes out one stage, and was given ${more.length + 1}: write ${[name, ...more].map(one => `.without('${one}')`).join('')}`
      : `without() takes the name of a stage, and was given ${describeValue(more[0])} beside it`)
  }
}
