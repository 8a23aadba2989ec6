import { planOf, stateOf } from './make-stage.ts'
import { beside, onlyDropping } from './beside.ts'
import { StageDial } from './stage-dial.ts'
import { markOf } from '../address-marks.ts'
import { candidate } from '../candidate.ts'
import type { PlacedStage } from './lists.ts'
import type { Part } from './part.ts'
import type { InheritedPlan } from './plan.ts'
import type { AnyStage, Candidate, DialPipelineOptions, Target } from '../types.ts'

/** The name of a pipeline that was given none */
const UNNAMED = 'pipeline'

type Traced = DialPipelineOptions & { trace?: unknown }

/**
 * The list stages of a sequence, without the pipelines and conditions around them. A condition is asked now
 *
 * @param options - instead of those of the dial, where the stages are inherited from another
 * @param path - the names of the pipelines around
 */
export function listStagesOf (stages: readonly AnyStage[], part: Part, options?: DialPipelineOptions, path = ''): PlacedStage[] {
  const placed: PlacedStage[] = []
  stages.forEach(stage => { addTo(placed, stage, part, options, path) })

  return placed
}

/** The path of what stands in a pipeline. One that was given no name adds nothing to it */
export function pathIn ({ name }: AnyStage, path: string): string {
  return name === UNNAMED ? path : `${path}${name}/`
}

function addTo (placed: PlacedStage[], stage: AnyStage, part: Part, options: DialPipelineOptions | undefined, path: string): void {
  const plan = planOf(stage)

  switch (plan.kind) {
    case 'list':
      if (part.host.isOfRelay !== true || options != null || plan.forRelays !== 'none') {
        placed.push({ stage, plan, path, state: stateOf(stage, part.host.node), options })
      }

      break
    case 'pipeline':
      plan.stages.forEach(one => { addTo(placed, one, part, options, pathIn(stage, path)) })
      break
    case 'when':
      if (plan.predicate(new StageDial(part, stage, options))) {
        addTo(placed, plan.stage, part, options, path)
      }

      break
    case 'inherited':
      placed.push(...inheritedStagesOf(stage, plan, part))
      break
    case 'race':
    case 'combined':
    case 'below':
  }
}

/** The filters of another dial, which see the options of that. They drop, and add nothing */
function inheritedStagesOf (within: AnyStage, { policy }: InheritedPlan, part: Part): PlacedStage[] {
  const { onProgress, priority, trace } = part.host.options as Traced
  const options = { onProgress, priority, trace, ...policy.options } as Traced
  const { bypassed = [], stages } = policy
  // one that is written by hand may be a source too: no source is inherited
  const dropping = (placed: PlacedStage): PlacedStage => ({ ...placed.plan.isTrusted === true ? placed : onlyDropping(placed), within })

  return [
    ...listStagesOf(bypassed, part, options).map(placed => beside(dropping(placed), one => !isVouched(one, part.host.target.current))),
    ...listStagesOf(stages, part, options).map(dropping)
  ]
}

/** Whether a transport has named the address that asks for the dial, out of the one that it was given */
function isVouched ({ id }: Candidate, { multiaddrs, peerId }: Target): boolean {
  return multiaddrs.some(one => markOf(one)?.isVouched === true && candidate(one, peerId).id === id)
}
