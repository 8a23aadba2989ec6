import { describeArgument } from './check-arguments.ts'
import { InvalidPipelineError } from './errors.ts'
import { isStage } from './order-check.ts'
import type { AnyStage } from './types.ts'

/** The stages that an edit leaves, by its name */
const EDITS = {
  replace: (stages: readonly AnyStage[], at: number, stage: AnyStage) => stages.with(at, stage),
  before: (stages: readonly AnyStage[], at: number, stage: AnyStage) => stages.toSpliced(at, 0, stage),
  after: (stages: readonly AnyStage[], at: number, stage: AnyStage) => stages.toSpliced(at + 1, 0, stage),
  without: (stages: readonly AnyStage[], at: number) => stages.toSpliced(at, 1)
}

export type EditName = keyof typeof EDITS

export const EDIT_NAMES = Object.keys(EDITS) as EditName[]

/**
 * Returns the stages of a pipeline after an edit
 *
 * @param args all that the edit was given: JavaScript drops what a function does not take, and a policy would be lost in silence
 * @throws InvalidPipelineError for arguments that are missing or left over, and for a name that no stage or several have
 */
export function edit (stages: readonly AnyStage[], how: EditName, args: readonly unknown[]): AnyStage[] {
  const [name, stage, ...more] = args
  const names = stages.map(one => one.name).join(', ')

  if (typeof name !== 'string') {
    throw new InvalidPipelineError(`${how}() needs the name of a stage first, not ${describeArgument(name)}: write .${how}('…'${how === 'without' ? '' : ', …'}). The pipeline has: ${names}`)
  }

  if (how === 'without') {
    checkNothingElse(name, args.slice(1))
  } else {
    checkOneStage(how, name, stage, more)
  }

  const positions = stages.flatMap((one, i) => one.name === name ? [i] : [])
  const [at] = positions

  if (at == null) {
    throw new InvalidPipelineError(`There is no stage "${name}" in this pipeline. It has: ${names}`)
  }

  if (positions.length > 1) {
    throw new InvalidPipelineError(`There are ${positions.length} stages "${name}" in this pipeline (${positions.map(i => i + 1).join(', ')}), so the name does not say which`)
  }

  return EDITS[how](stages, at, stage as AnyStage)
}

function checkOneStage (how: EditName, name: string, stage: unknown, more: readonly unknown[]): void {
  if (stage === undefined) {
    throw new InvalidPipelineError(`${how}() needs the stage to put in: write .${how}('${name}', …)${how === 'replace' ? `, or .without('${name}') to take that one out` : ''}`)
  }

  if (more.length > 0) {
    throw new InvalidPipelineError(more.every(isStage)
      ? `${how}() puts in one stage, and was given ${more.length + 1}: write .${how}('${name}', pipeline(…)) with all of them, or one .${how}() for each`
      : `${how}() takes the name of a stage and the stage to put in, and was given ${describeArgument(more[0])} beside them`)
  }
}

function checkNothingElse (name: string, more: readonly unknown[]): void {
  if (more.length > 0) {
    throw new InvalidPipelineError(more.every(one => typeof one === 'string')
      ? `without() takes out one stage, and was given ${more.length + 1}: write ${[name, ...more].map(one => `.without('${one}')`).join('')}`
      : `without() takes the name of a stage, and was given ${describeArgument(more[0])} beside it`)
  }
}
