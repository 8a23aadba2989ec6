import { checkArguments } from './check-options.ts'
import { describeValue } from './describe-value.ts'
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
 * @throws InvalidPipelineError for missing or surplus arguments, and for an unknown or ambiguous name
 */
export function edit (stages: readonly AnyStage[], how: EditName, args: readonly unknown[]): AnyStage[] {
  const [name, stage] = args
  checkArguments(`${how}()`, args, how === 'without' ? 1 : 2)

  if (typeof name !== 'string') {
    throw new InvalidPipelineError(`${how}() needs the name of a stage first, not ${describeValue(name)}: write .${how}('…'${how === 'without' ? '' : ', …'}). The pipeline has: ${namesOf(stages)}`)
  }

  if (how !== 'without' && stage === undefined) {
    throw new InvalidPipelineError(`${how}() needs the stage to put in: write .${how}('${name}', …)`)
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
