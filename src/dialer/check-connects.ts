import { InvalidPipelineError } from '../pipeline/errors.ts'
import { flows } from '../pipeline/order-check.ts'
import type { AnyStageInit } from '../pipeline/types.ts'

/** @throws InvalidPipelineError where a pipeline does not lead from a target to connections */
export function checkConnects (pipeline: AnyStageInit): void {
  if (typeof pipeline !== 'function' || pipeline.accepts == null) {
    throw new InvalidPipelineError('A dialer needs a pipeline: put one together with pipeline(), or take one of the presets')
  }

  const faults = [
    ...pipeline.accepts.target === true ? [] : [`it begins with a stage that needs ${flows(pipeline)}: put a source such as fromPeerStore() first`],
    ...pipeline.yields === 'connections' ? [] : [`it ends with ${pipeline.yields}: put race() below`]
  ]

  if (faults.length > 0) {
    throw new InvalidPipelineError(`The pipeline cannot dial: ${faults.join('; ')}`)
  }
}
