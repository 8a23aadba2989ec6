import { describeValue, isStage } from './describe-value.ts'
import { InvalidPipelineError } from './errors.ts'
import { findPlan } from './runtime/make-stage.ts'
import type { AnyStage, Flow } from './types.ts'

/** Why a stage of another copy of this package is refused: its filters could not be found for the dial of a relay */
export const OF_ANOTHER_COPY = 'was made with another copy of libp2p-dial-pipeline: install one version only (npm ls libp2p-dial-pipeline, npm dedupe)'

/** Returns every reason why the stages cannot follow one another, in words */
export function faultsIn (stages: readonly AnyStage[]): string[] {
  if (stages.length === 0) {
    return ['it has no stages']
  }

  return stages.flatMap((stage, i) => {
    const position = `stage ${i + 1}`

    if (!isStage(stage)) {
      const [what, remedy] = remedyFor(stage) ?? []

      return [remedy == null ? `${position} is not a stage (${describeValue(stage)})` : `${position} is ${what}, not a stage: ${remedy}`]
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

/** The argument of a combinator in words, by the output that it needs */
const WANTED = { target: 'a stage', candidates: 'a stage that yields candidates', connections: 'a pipeline that yields connections' }

/** @throws InvalidPipelineError if an argument is not a stage with this output */
export function checkStages (owner: string, yields: keyof Flow, ...stages: readonly unknown[]): void {
  for (const stage of stages) {
    if (!isStage(stage) || stage.yields !== yields) {
      throw new InvalidPipelineError(`${owner} needs ${WANTED[yields]}, not ${isStage(stage) ? `the stage "${stage.name}", which yields ${stage.yields}${yields === 'connections' ? ': put race() below it' : ''}` : describeStage(stage)}`)
    }

    if (findPlan(stage) == null) {
      throw new InvalidPipelineError(`${owner} cannot take the stage "${stage.name}": it ${OF_ANOTHER_COPY}`)
    }
  }
}

/** Returns the inputs of a stage in words */
export function flows (stage: AnyStage): string {
  return (Object.keys(stage.accepts) as Array<keyof Flow>).join(' or ')
}

/** Describes a value that is not a stage, and says what to write instead */
export function describeStage (value: unknown): string {
  return remedyFor(value)?.join(': ') ?? describeValue(value)
}

/** Describes a value that was most likely meant as a stage, and says what to write */
function remedyFor (value: unknown): readonly [what: string, remedy: string] | undefined {
  try {
    return typeof value === 'function' ? ['a factory', value.name === '' ? 'call it' : `call it as ${value.name}()`]
      : Array.isArray(value) ? [describeValue(value), 'write pipeline(...stages), or pipelineOf(stages)']
        : undefined
  } catch {
    // a revoked proxy
    return undefined
  }
}
