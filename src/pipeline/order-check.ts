import { checkValue } from './check-options.ts'
import { describeValue } from './describe-value.ts'
import { findPlan } from './runtime/make-stage.ts'
import type { OptionKind } from './option-kinds.ts'
import type { AnyStage, Flow } from './types.ts'

const LIST: OptionKind = { expected: 'an array of stages', test: Array.isArray }

/** Why a pipeline of another copy of this package is refused: nobody can tell which filters the dial of a relay inherits from it */
export const OF_ANOTHER_COPY = 'was made with another copy of libp2p-dial-pipeline: install one version only (npm ls libp2p-dial-pipeline, npm dedupe)'

/** Every reason why these stages cannot follow one another, in words */
export function faultsIn (stages: readonly AnyStage[]): string[] {
  checkValue('pipelineOf()', stages, LIST)

  if (stages.length === 0) {
    return ['it has no stages']
  }

  return stages.flatMap((stage, i) => {
    const position = `stage ${i + 1}`

    if (typeof stage === 'function') {
      return [`${position} is ${describeStage(stage)}`]
    }

    if (!isStage(stage)) {
      return [`${position} is not a stage (${describeStage(stage)})`]
    }

    if (findPlan(stage) == null) {
      return [`${position} "${stage.name}" ${OF_ANOTHER_COPY}`]
    }

    const above = stages[i - 1]

    if (!isStage(above) || stage.accepts[above.yields] === true) {
      return []
    }

    return [`${position} "${stage.name}" needs ${flows(stage)}, but stands below "${above.name}", which yields ${above.yields}`]
  })
}

/** @throws InvalidPipelineError where one of them is not a stage that yields this, and where there is none */
export function checkStages (owner: string, yields: keyof Flow, ...stages: readonly unknown[]): void {
  const kind = { expected: `a stage or pipeline that yields ${yields}`, test: (stage: unknown) => isStage(stage) && findPlan(stage) != null && stage.yields === yields }

  for (const stage of stages.length === 0 ? [undefined] : stages) {
    checkValue(owner, stage, kind)
  }
}

export function isStage (stage: unknown): stage is AnyStage {
  try {
    return typeof stage === 'object' && stage !== null && 'accepts' in stage && 'yields' in stage
  } catch {
    // a proxy that was revoked
    return false
  }
}

/** What a stage accepts, in words */
export function flows (stage: AnyStage): string {
  return (Object.keys(stage.accepts) as Array<keyof Flow>).join(' or ')
}

/** Says what a value is that is no stage */
export function describeStage (value: unknown): string {
  try {
    return typeof value === 'function'
      ? `a factory, not a stage: call it${value.name === '' ? '' : ` as ${value.name}()`}`
      : describeValue(value)
  } catch {
    return 'a value that cannot be read'
  }
}
