import { checkPipelines } from './stage-order.ts'
import { partsOf, planOf } from './runtime/make-stage.ts'
import type { ListPlan } from './runtime/make-stage.ts'
import type { AnyStage } from './types.ts'

interface Placed {
  readonly name: string
  readonly plan: ListPlan
}

/** Rankers that may stand below another ranker and `take`, as in presets: addresses over one blocked transport then cannot fill all places */
const MAY_FOLLOW_TAKE = new Set(['by-quic', 'go-order'])

/**
 * Returns one sentence for each order of stages that is legal and probably a mistake. An empty array: no advice
 *
 * @throws InvalidPipelineError if the argument is not a pipeline that yields connections
 */
export function advice (pipeline: AnyStage): string[] {
  checkPipelines('advice()', pipeline)

  return [...new Set(waysThrough([pipeline]).flatMap(adviceOnWay))]
}

function adviceOnWay (stages: readonly Placed[]): string[] {
  const texts = stages.flatMap((stage, i) => adviceOn(stage, stages.slice(0, i), stages.slice(i + 1)))

  return stages.some(({ name }) => name === 'from-caller') ? texts : ['no fromCaller(): addresses that are passed to dial() are not dialled', ...texts]
}

function adviceOn ({ name, plan }: Placed, above: readonly Placed[], below: readonly Placed[]): string[] {
  const first = (is: (one: Placed) => boolean): Placed | undefined => below.find(is)
  const source = first(({ plan: { role } }) => role === 'source')
  // a stage that stands below the last source as well, such as a second resolve(), sees all addresses
  const isRepeated = below.slice(below.findLastIndex(({ plan: { role } }) => role === 'source') + 1).some(one => one.name === name)
  const isMissed = source != null && !isRepeated && (plan.role === 'expand' || plan.role === 'limit' || name === 'dialable')
  const expansion = first(({ plan: { role } }) => role === 'expand')
  const filter = first(({ plan: { role } }) => role === 'filter')
  const cutAt = above.findLastIndex(one => one.name === 'take')
  const isMeant = MAY_FOLLOW_TAKE.has(name) && above.slice(0, cutAt).some(one => one.plan.role === 'rank')
  const cut = isMeant ? undefined : above[cutAt]
  const scores = first(one => one.name === 'by-reputation' && one.plan.role === 'rank')
  const isForScores = name === 'gather' && scores != null && !below.some(one => one.name === 'gather')
  const slow = above.findLast(({ plan: { isSlow } }) => isSlow === true)

  return [
    plan.role === 'rank' && source != null ? `${name} stands above ${source.name}, whose addresses come last whatever the order: put it below` : '',
    plan.role === 'rank' && source == null && expansion != null ? `${name} stands above ${expansion.name}, which puts several addresses in the place of one, unsorted: put it below` : '',
    plan.role === 'rank' && source == null && expansion == null && cut != null ? `${name} stands below ${cut.name}, which has dropped all but the first addresses already: put it above` : '',
    plan.role === 'rank' && name !== 'go-order' && above.some(one => one.name === 'go-order') && below.some(one => one.name === 'go-delays') ? `${name} stands below go-order, so that the order is not that of the times of go-delays` : '',
    isMissed ? `${name} stands above ${source.name}, whose addresses it never sees: put it below` : '',
    plan.role === 'limit' && !isMissed && filter != null ? `${name} stands above ${filter.name}, which drops from what it lets through: put it below` : '',
    name === 'dialable' && !isMissed && below.some(one => one.name === 'resolve') ? 'dialable stands above resolve: no transport dials a name that is not resolved. Put it below' : '',
    plan.isLast === true && above.some(one => one.name === 'backoff') ? `${name} stands below backoff, which does not see what it finds: put it above` : '',
    isForScores ? `${name} stands above ${scores.name}, whose scores it does not wait for: put it below` : '',
    plan.isPatient === true && slow != null ? `${name} waits for as long as ${slow.name} takes, which may be for ever: give it { after }` : ''
  ].filter(text => text !== '')
}

/** Returns the list stages above each race, in their order */
function waysThrough (stages: readonly AnyStage[], above: readonly Placed[] = []): Placed[][] {
  const passed = [...above]

  for (const stage of stages) {
    const plan = planOf(stage)

    if (plan.kind === 'race') {
      return [passed]
    }

    if (plan.kind === 'combined' || (plan.kind === 'pipeline' && stage.yields === 'connections')) {
      return plan.kind === 'combined' ? partsOf(stage).flatMap(one => waysThrough([one], passed)) : waysThrough(plan.stages, passed)
    }

    passed.push(...listsIn(stage))
  }

  return []
}

function listsIn (stage: AnyStage): Placed[] {
  const plan = planOf(stage)

  return plan.kind === 'list' ? [{ name: stage.name, plan }] : partsOf(stage).flatMap(listsIn)
}
