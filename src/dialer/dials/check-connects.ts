import { InvalidPipelineError } from '../../pipeline/errors.ts'
import { isStage } from '../../pipeline/is-stage.ts'
import { findPlan } from '../../pipeline/runtime/make-stage.ts'
import { describeStage, flows, OF_ANOTHER_COPY } from '../../pipeline/order-check.ts'
import type { AnyStage } from '../../pipeline/types.ts'

const FIRST = "import { adaptive } from 'libp2p-dial-pipeline/presets'"

/**
 * Checks that a pipeline leads from a target to connections
 *
 * @param owner what needs it, as users write it
 * @throws InvalidPipelineError
 */
export function checkConnects (pipeline: AnyStage, owner = 'dialer(adaptive())'): void {
  if (!isStage(pipeline)) {
    const meant = typeof pipeline === 'function' || Array.isArray(pipeline) ? '' : `: write ${owner}, with ${FIRST}`

    throw new InvalidPipelineError(`${owner.split('(')[0]}() needs a pipeline, not ${describeStage(pipeline)}${meant}`)
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
