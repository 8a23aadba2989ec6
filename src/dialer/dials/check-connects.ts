import { InvalidPipelineError } from '../../pipeline/errors.ts'
import { isStage } from '../../pipeline/is-stage.ts'
import { findPlan } from '../../pipeline/runtime/make-stage.ts'
import { describeStage, flows, OF_ANOTHER_COPY } from '../../pipeline/order-check.ts'
import type { AnyStage } from '../../pipeline/types.ts'

const FIRST = "import { adaptive } from 'libp2p-dial-pipeline/presets'"

/**
 * Checks that a pipeline leads from a target to connections
 *
 * @param example what users write
 * @param owner what needs the pipeline
 * @throws InvalidPipelineError
 */
export function checkConnects (pipeline: AnyStage, example = 'dialer(adaptive())', owner = `${example.split('(')[0]}()`): void {
  if (!isStage(pipeline)) {
    const meant = typeof pipeline === 'function' || Array.isArray(pipeline) ? '' : `: write ${example}, with ${FIRST}`

    throw new InvalidPipelineError(`${owner} needs a pipeline, not ${describeStage(pipeline)}${meant}`)
  }

  const faults = [
    ...findPlan(pipeline) == null ? [`it ${OF_ANOTHER_COPY}`] : [],
    ...pipeline.accepts.target === true ? [] : [`it begins with "${firstOf(pipeline).name}", which needs ${flows(pipeline)}: put a source such as fromCaller() above`],
    ...pipeline.yields === 'connections' ? [] : [`it ends with ${pipeline.yields}: put race() below`]
  ]

  if (faults.length > 0) {
    throw new InvalidPipelineError(`The pipeline cannot dial: ${faults.join('; ')}`)
  }
}

function firstOf (stage: AnyStage & { readonly stages?: readonly AnyStage[] }): AnyStage {
  const first = stage.stages?.[0]

  return first == null ? stage : firstOf(first)
}
