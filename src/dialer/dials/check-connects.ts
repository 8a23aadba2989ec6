import { InvalidPipelineError } from '../../pipeline/errors.ts'
import { findPlan } from '../../pipeline/runtime/make-stage.ts'
import { describeStage, flows, isStage, OF_ANOTHER_COPY } from '../../pipeline/order-check.ts'
import type { AnyStage } from '../../pipeline/types.ts'

/** @throws InvalidPipelineError where a pipeline does not lead from a target to connections */
export function checkConnects (pipeline: AnyStage): void {
  if (!isStage(pipeline)) {
    throw new InvalidPipelineError(`A dialer needs a pipeline of pipeline(), or a preset, not ${describeStage(pipeline)}`)
  }

  const faults = [
    ...findPlan(pipeline) == null ? [`it ${OF_ANOTHER_COPY}`] : [],
    ...pipeline.accepts.target === true ? [] : [`it begins with a stage that needs ${flows(pipeline)}: put a source such as fromPeerStore() first`],
    ...pipeline.yields === 'connections' ? [] : [`it ends with ${pipeline.yields}: put race() below`]
  ]

  if (faults.length > 0) {
    throw new InvalidPipelineError(`The pipeline cannot dial: ${faults.join('; ')}`)
  }
}
