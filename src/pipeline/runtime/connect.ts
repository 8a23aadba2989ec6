import { listStagesOf, pathIn } from './list-stages.ts'
import { Lists } from './lists.ts'
import { partsOf, planOf, stateOf } from './make-stage.ts'
import { RaceDial } from './race-dial.ts'
import { runBelow } from './run-below.ts'
import { StageDial } from './stage-dial.ts'
import type { Part } from './part.ts'
import type { AnyStage, AttemptLayer } from '../types.ts'
import type { Connection } from '@libp2p/interface'

/**
 * Runs a pipeline that yields connections. Whoever runs one ends the part when leaving: every wait in it ends then
 *
 * @param outer what stands below it in the pipelines around, the lowest first
 * @throws the reason for which the part has ended: no stage of it begins
 */
export function connect (pipeline: AnyStage, part: Part, above?: Lists, outer: readonly AnyStage[] = [], path = ''): AsyncGenerator<Connection> {
  part.throwIfEnded()
  const { lists, connecting, below } = routeOf(pipeline)
  const listStages = listStagesOf(lists, part, undefined, path)

  // what stands below a race is for the peer that the application dials, and not for a relay on the way to it
  if (below.length === 0 || part.host.inherited != null) {
    return connectOne(connecting, listStages, part, above, outer, path)
  }

  const around = [...outer, ...below.toReversed()]

  return below.reduce((flow, stage) => runBelow(stage, flow, part), connectOne(connecting, listStages, part, above, around, path))
}

/** The parts of a pipeline around the stage that connects */
interface Route {
  readonly lists: readonly AnyStage[]
  readonly connecting: AnyStage
  readonly below: readonly AnyStage[]
}

const routes = new WeakMap<AnyStage, Route>()

function routeOf (pipeline: AnyStage): Route {
  const known = routes.get(pipeline)

  if (known != null) {
    return known
  }

  const stages = planOf(pipeline).kind === 'pipeline' ? partsOf(pipeline) : [pipeline]
  const at = stages.findIndex(({ yields }) => yields === 'connections')
  const route = { lists: stages.slice(0, at), connecting: stages[at] as AnyStage, below: belowStagesOf(stages.slice(at + 1)) }
  routes.set(pipeline, route)

  return route
}

function connectOne (stage: AnyStage, listStages: ReturnType<typeof listStagesOf>, part: Part, above: Lists | undefined, around: readonly AnyStage[], path: string): AsyncGenerator<Connection> {
  const plan = planOf(stage)

  if (plan.kind === 'race') {
    const { inherited } = part.host
    const lists = new Lists(part, above, inherited == null ? listStages : [...listStages, ...listStagesOf(inherited, part)])

    return plan.connect(new RaceDial(part, stage, lists, around, around.flatMap(one => layersOf(one, part))))
  }

  const lists = new Lists(part, above, listStages)

  if (plan.kind === 'combined') {
    return plan.connect(plan.pipelines.map(one => inner => connect(one, inner, lists, around, pathIn(one, path))), new StageDial(part, stage))
  }

  return connect(stage, part, lists, around, pathIn(stage, path))
}

function layersOf (stage: AnyStage, part: Part): readonly AttemptLayer[] {
  const plan = planOf(stage)

  return plan.kind === 'below' ? plan.layers?.(stateOf(stage, part.host.node), stage) ?? [] : []
}

/** Pipelines of stages below a race are those stages */
export function belowStagesOf (stages: readonly AnyStage[]): AnyStage[] {
  return stages.flatMap(stage => planOf(stage).kind === 'pipeline' ? belowStagesOf(partsOf(stage)) : [stage])
}
