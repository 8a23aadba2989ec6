import { checkValue } from './check-options.ts'
import { describeValue } from './describe-value.ts'
import type { AnyStageInit, Flow } from './types.ts'

/** Every reason why these stages cannot follow one another, in words */
export function faultsIn (stages: readonly AnyStageInit[]): string[] {
  if (stages.length === 0) {
    return ['it has no stages']
  }

  return stages.flatMap((stage, i) => {
    const position = `stage ${i + 1}`

    if (!isStageInit(stage)) {
      return [`${position} is not a stage (${describe(stage)})`]
    }

    const above = stages[i - 1]

    if (!isStageInit(above) || stage.accepts[above.yields] === true) {
      return []
    }

    return [`${position} "${stage.name}" needs ${flows(stage)}, but stands below "${above.name}", which yields ${above.yields}`]
  })
}

/** @throws InvalidPipelineError where one of them is not a stage that yields this, and where there is none */
export function checkStages (owner: string, yields: keyof Flow, ...stages: readonly unknown[]): void {
  const kind = { expected: `a stage or pipeline that yields ${yields}`, test: (stage: unknown) => isStageInit(stage) && stage.yields === yields }

  for (const stage of stages.length === 0 ? [undefined] : stages) {
    checkValue(owner, stage, kind)
  }
}

function isStageInit (stage: unknown): stage is AnyStageInit {
  return typeof stage === 'function' && 'accepts' in stage && 'yields' in stage
}

/** What a stage accepts, in words */
export function flows (stage: AnyStageInit): string {
  return (Object.keys(stage.accepts) as Array<keyof Flow>).join(' or ')
}

function describe (value: unknown): string {
  return typeof value === 'function'
    ? `a function without "accepts" and "yields": was a factory such as ${value.name === '' ? 'race' : value.name}() meant to be called?`
    : describeValue(value)
}
