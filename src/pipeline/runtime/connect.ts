import { checkAnswer } from './answers.ts'
import { Lists, SharedLists } from './lists.ts'
import { partsOf, pathIn, planOf, stateFor, stateOf } from './make-stage.ts'
import { runBelow } from './run-below.ts'
import { RaceDial, StageDial } from './stage-dial.ts'
import { markOf } from './live-target.ts'
import { candidate } from '../candidate.ts'
import { toStageError } from '../errors.ts'
import type { PlacedStage } from './lists.ts'
import type { Part } from './part.ts'
import type { InheritedPlan, ListPlan, WhenPlan } from './make-stage.ts'
import type { Answer, AnyStage, AttemptLayer, Candidate, DialComponents, DialPipelineOptions, List, Target } from '../types.ts'
import type { Connection } from '@libp2p/interface'

/**
 * Runs a pipeline that yields connections. The caller must end the part when it stops iterating: that cancels all pending work
 *
 * @param outer the stages below the pipeline in the pipelines around it, lowest first
 * @throws the reason for which the part has ended, before any stage begins
 */
export function connect (pipeline: AnyStage, part: Part, above?: Lists, outer: readonly AnyStage[] = [], path = ''): AsyncGenerator<Connection> {
  part.throwIfEnded()
  const { inherited, node } = part.host
  // without a path the pipeline is the dial's own. A pipeline never changes, and each dial needs its route
  const route = path === '' ? stateFor(node, pipeline, () => routeOf(pipeline, node, '')) : routeOf(pipeline, node, path)
  const { places, connecting } = route
  const lists = new Lists(part, above, chosen(inherited != null && planOf(connecting).kind === 'race' ? [...places, ...placesOf(inherited, node)] : places, part))
  // stages below a race check the peer that the application dials, and not a relay on the way to it
  const below = inherited == null ? route.below : []

  return below.reduce((flow, stage) => runBelow(stage, flow, part), connectBy(connecting, part, lists, [...outer, ...below.toReversed()], path))
}

/** The stages of a pipeline on a node, grouped around the one that connects */
interface Route {
  readonly places: readonly Place[]
  readonly connecting: AnyStage
  readonly below: readonly AnyStage[]
}

function routeOf (pipeline: AnyStage, node: DialComponents, path: string): Route {
  const stages = planOf(pipeline).kind === 'pipeline' ? partsOf(pipeline) : [pipeline]
  const at = stages.findIndex(({ yields }) => yields === 'connections')

  return { places: placesOf(stages.slice(0, at), node, path), connecting: stages[at] as AnyStage, below: belowStagesOf(stages.slice(at + 1)) }
}

function connectBy (stage: AnyStage, part: Part, lists: Lists, around: readonly AnyStage[], path: string): AsyncGenerator<Connection> {
  const plan = planOf(stage)

  if (plan.kind === 'race') {
    return plan.connect(new RaceDial(part, stage, lists, around, around.flatMap(one => layerOf(one, part) ?? []), around.some(isHandWritten)))
  }

  if (plan.kind === 'combined') {
    const last = plan.pipelines.length - 1

    return plan.connect(plan.pipelines.map((one, i) => inner => connect(one, inner, i === last ? lists : new SharedLists(part, lists), around, pathIn(one, path))), new StageDial(part, stage), () => lists.take().candidates)
  }

  return connect(stage, part, lists, around, pathIn(stage, path))
}

function isHandWritten (stage: AnyStage): boolean {
  const plan = planOf(stage)

  return plan.kind === 'below' && plan.isTrusted !== true
}

function layerOf (stage: AnyStage, part: Part): AttemptLayer | undefined {
  const plan = planOf(stage)

  return plan.kind === 'below' ? plan.layer?.(stateOf(stage, part.host.node), stage) : undefined
}

/** Returns the stages, with nested pipelines replaced by theirs */
export function belowStagesOf (stages: readonly AnyStage[]): AnyStage[] {
  return stages.flatMap(stage => planOf(stage).kind === 'pipeline' ? belowStagesOf(partsOf(stage)) : [stage])
}

type Traced = DialPipelineOptions & { trace?: unknown }

/**
 * Returns the list stages of a sequence, without the pipelines and conditions around them. Conditions are evaluated now
 *
 * @param options replaces the options of the dial, for stages that are inherited from another dial
 */
export function listStagesOf (stages: readonly AnyStage[], part: Part, options?: DialPipelineOptions, path?: string): PlacedStage[] {
  return chosen(placesOf(stages, part.host.node, path), part, options)
}

/** A list stage in its position, or a plan that selects list stages at the beginning of each dial */
type Place = Omit<PlacedStage, 'plan'> & { readonly plan: ListPlan | WhenPlan | InheritedPlan }

function placesOf (stages: readonly AnyStage[], node: DialComponents, path = ''): Place[] {
  return stages.flatMap(stage => {
    const plan = planOf(stage)

    return plan.kind === 'pipeline' ? placesOf(plan.stages, node, pathIn(stage, path))
      : plan.kind === 'list' || plan.kind === 'when' || plan.kind === 'inherited' ? [{ stage, plan, path, state: stateOf(stage, node) }] : []
  })
}

function chosen (places: readonly Place[], part: Part, options?: DialPipelineOptions): PlacedStage[] {
  const stages: PlacedStage[] = []

  for (const place of places) {
    const { stage, plan, path } = place

    if (plan.kind === 'inherited') {
      stages.push(...inheritedStagesOf(stage, plan, part))
    } else if (plan.kind === 'when') {
      stages.push(...isMet(plan, new StageDial(part, stage, options)) ? listStagesOf([plan.stage], part, options, path) : [])
    } else if (isIn(plan, part, options)) {
      stages.push(options == null ? place as PlacedStage : { ...place, plan, options })
    }
  }

  return stages
}

function isIn ({ forRelays, onlyWith }: ListPlan, { host }: Part, options?: DialPipelineOptions): boolean {
  return (host.isOfRelay !== true || options != null || forRelays !== 'none') && (onlyWith == null || (options ?? host.options)[onlyWith] !== undefined)
}

function isMet ({ predicate }: WhenPlan, dial: StageDial): boolean {
  try {
    return predicate(dial)
  } catch (err) {
    throw toStageError(dial.stage, err)
  }
}

/** Returns the filters that a dial inherits from another, with the options of that dial. They only drop candidates */
function inheritedStagesOf (within: AnyStage, { policy }: InheritedPlan, part: Part): PlacedStage[] {
  const { onProgress, priority, trace } = part.host.options as Traced
  const options = { onProgress, priority, trace, ...policy.options } as Traced
  const { bypassed = [], stages } = policy

  return [
    ...listStagesOf(bypassed, part, options).map(placed => inherit(placed, within, one => !isVouched(one, part.host.target.current))),
    ...listStagesOf(stages, part, options).map(placed => inherit(placed, within))
  ]
}

/** Returns whether the address is part of the one that the outer attempt dials: its sources have passed the filters already */
function isVouched ({ id }: Candidate, { multiaddrs, peerId }: Target): boolean {
  return multiaddrs.some(one => markOf(one)?.isVouched === true && candidate(one, peerId).id === id)
}

/** @param isSubject selects the candidates that the stage runs on. The others keep their positions */
function inherit (placed: PlacedStage, within: AnyStage, isSubject: (candidate: Candidate) => boolean = () => true): PlacedStage {
  const { plan } = placed

  function begin (...[dial, work, state]: Parameters<ListPlan['begin']>): Answer {
    const answer = plan.begin(dial, work, state)

    return list => {
      const candidates = list.candidates.filter(isSubject)
      const ids = new Set(candidates.map(({ id }) => id))
      const some = candidates.length === list.candidates.length ? list : { ...list, candidates }
      // a hand-written stage may add candidates too, and only its drops are inherited
      const answered = plan.isTrusted === true ? answer(some) : checkAnswer(answer(some), candidates, work).filter(({ id }) => ids.has(id))

      return some === list ? answered : rejoined(answered, list, isSubject)
    }
  }

  return { ...placed, within, plan: { ...plan, begin } }
}

function rejoined (answered: readonly Candidate[], { candidates }: List, isSubject: (candidate: Candidate) => boolean): readonly Candidate[] {
  const others = new Map(candidates.filter(one => !isSubject(one)).map(one => [one.id, one]))
  const places = new Map(candidates.map(({ id }, i) => [id, i]))
  const placeOf = ({ id }: Candidate): number => places.get(id) ?? places.size

  return [...others.values(), ...answered.filter(({ id }) => !others.has(id))].toSorted((a, b) => placeOf(a) - placeOf(b))
}
