import type { DialPolicy, MadeList, RaceCall } from './dial-host.ts'
import type { Part } from './part.ts'
import type { RaceDial, StageDial } from './stage-dial.ts'
import type { StageWork } from './work.ts'
import type { AnyStage, AttemptLayer, Candidate, ConnectedDial, Dial, DialComponents, DialPipelineOptions, List, Flow, Stage } from '../types.ts'
import type { Connection } from '@libp2p/interface'

/** How a stage works. Only the runtime reads it */
export type Plan = ListPlan | RacePlan | CombinedPlan | BelowPlan | PipelinePlan | WhenPlan | InheritedPlan

/** The list that stages of this package receive */
export interface AskedList extends List, Partial<Pick<MadeList, 'isSettled'>> {
  /** Undefined: the race only asks for the newest list */
  readonly call?: RaceCall
}

export interface ListPlan {
  readonly kind: 'list'
  /** Begins the stage in one run of its pipeline */
  begin (dial: StageDial, work: StageWork, state: any): (list: AskedList) => readonly Candidate[]
  /** A dial without this option skips the stage, which would have no effect */
  readonly onlyWith?: keyof DialPipelineOptions
  /** Creates the state that the stage keeps for a node */
  readonly perNode?: (node: DialComponents) => unknown
  /** The purpose of the stage, for `advice()` */
  readonly role?: 'source' | 'filter' | 'rank' | 'limit' | 'expand' | 'pace'
  /** The comparator of a ranker: `compliance()` checks that it is a consistent order */
  readonly compare?: (a: Candidate, b: Candidate, dial: Dial) => number
  /** Whether it is a source that begins when every attempt has failed */
  readonly isLast?: boolean
  /** Whether it may ask other peers or services, so that its answer may be slow */
  readonly isSlow?: boolean
  /** Whether it may wait for as long as a stage above takes to answer, and nobody has said that this is meant */
  readonly isPatient?: boolean
  /** Whether its answer depends on the candidates of the list alone */
  readonly isPure?: boolean
  /** Whether its answers need no check */
  readonly isTrusted?: boolean
  /**
   * How the stage counts for the dial of a relay. `inherited`: the dial runs it from its own pipeline, and from that of the dial that needs the
   * relay. `own`: only from its own pipeline. `none`: not at all
   */
  readonly forRelays: 'inherited' | 'own' | 'none'
}

export interface RacePlan {
  readonly kind: 'race'
  connect (dial: RaceDial): AsyncGenerator<Connection>
}

export interface CombinedPlan {
  readonly kind: 'combined'
  readonly pipelines: readonly AnyStage[]
  connect (alternatives: readonly Alternative[], dial: StageDial, newestListAbove: () => readonly Candidate[]): AsyncGenerator<Connection>
}

/** A pipeline of a combinator */
export type Alternative = (part: Part) => AsyncGenerator<Connection>

export interface BelowPlan {
  readonly kind: 'below'
  run (connections: AsyncIterable<Connection>, dial: ConnectedDial, state: any): AsyncIterable<Connection>
  readonly perNode?: (node: DialComponents) => unknown
  /** Returns the layer around each attempt of the stages above, the same for each race: a race takes over attempts that have its layers */
  readonly layer?: (state: any, stage: AnyStage) => AttemptLayer
  /** Whether it makes the connections of the node converge when it is in the node's pipeline */
  readonly converges?: boolean
  readonly isTrusted?: boolean
}

export interface PipelinePlan {
  readonly kind: 'pipeline'
  readonly stages: readonly AnyStage[]
}

export interface WhenPlan {
  readonly kind: 'when'
  readonly predicate: (dial: Dial) => boolean
  readonly stage: AnyStage
}

export interface InheritedPlan {
  readonly kind: 'inherited'
  readonly policy: DialPolicy
}

const plans = new WeakMap<AnyStage, Plan>()

export interface StageParts<N extends string, In extends keyof Flow, Out extends keyof Flow> {
  readonly name: N
  readonly accepts: readonly In[]
  readonly yields: Out
  readonly options?: readonly string[]
}

/** Creates a stage: a frozen object with its name, input, output and options. Its plan is kept outside of it */
export function makeStage<const N extends string, In extends keyof Flow, Out extends keyof Flow, X extends object = object> ({ name, accepts, yields, options = [] }: StageParts<N, In, Out>, plan: Plan, more?: X): Stage<In, Out, N> & X {
  const stage = Object.freeze({
    name,
    accepts: Object.freeze(Object.fromEntries(accepts.map(flow => [flow, true]))) as { readonly [K in In]: true },
    yields,
    options: Object.freeze([...new Set(options)]),
    ...more
  }) as unknown as Stage<In, Out, N> & X
  plans.set(stage, plan)

  return stage
}

/** Returns the plan of a stage. Undefined: the value is not a stage, or one of another copy of this package */
export function findPlan (stage: AnyStage): Plan | undefined {
  return plans.get(stage)
}

export function planOf (stage: AnyStage): Plan {
  return plans.get(stage) as Plan
}

/** The states of one node, by the stage or class that owns them */
interface NodeStates {
  readonly states: WeakMap<object, unknown>
  readonly listening: Array<Partial<Listening>>
  /** The node whose states are copied */
  readonly origin?: DialComponents
}

/** A state with listeners on its node, which are removed when the dialer is detached */
export interface Listening {
  stop (): void
}

const nodes = new WeakMap<object, NodeStates>()

/** Returns the state of an owner for a node. Creates it on the first call */
export function stateFor<S> (node: object, owner: object, make: (kept: NodeStates) => S): S {
  const kept = nodes.get(node) ?? { states: new WeakMap<object, unknown>(), listening: [] }
  nodes.set(node, kept)

  if (!kept.states.has(owner)) {
    kept.states.set(owner, make(kept))
  }

  return kept.states.get(owner) as S
}

export function stateOf (stage: AnyStage, node: DialComponents): unknown {
  const plan = planOf(stage)
  const perNode = plan.kind === 'list' || plan.kind === 'below' ? plan.perNode : undefined

  return perNode == null ? undefined : stateFor(node, stage, ({ origin }) => origin == null ? perNode(node) : copied(stateOf(stage, origin)))
}

/** Copies a plain object, such as a set of counters. An object with methods of its own is shared */
function copied (state: unknown): unknown {
  return typeof state === 'object' && state != null && Object.getPrototypeOf(state) === Object.prototype ? { ...state } : state
}

/** Gives a node copies of the states that stages keep for another node. `stopNodeStates()` ends them as well */
export function deriveNodeStates (node: DialComponents, origin: DialComponents): void {
  nodes.set(node, { states: new WeakMap<object, unknown>(), listening: [], origin })
}

/** Returns the state of a class for a node, independent of its pipelines: the state and its listeners outlive them */
export function nodeState<N extends object, S extends object> (node: N, State: new (node: N) => S): S {
  return stateFor(node, State, ({ listening }) => {
    const state: S & Partial<Listening> = new State(node)
    listening.push(state)

    return state
  })
}

/** Stops and releases all states of a node */
export function stopNodeStates (node: object): void {
  nodes.get(node)?.listening.forEach(state => state.stop?.())
  nodes.delete(node)
}

/** Creates the states that the stages of a pipeline keep for a node */
export function prepare (stage: AnyStage, node: DialComponents): void {
  stateOf(stage, node)
  partsOf(stage).forEach(one => { prepare(one, node) })
}

export function partsOf (stage: AnyStage): readonly AnyStage[] {
  const plan = planOf(stage)

  switch (plan.kind) {
    case 'pipeline': return plan.stages
    case 'combined': return plan.pipelines
    case 'when': return [plan.stage]
    case 'inherited': return [...plan.policy.bypassed ?? [], ...plan.policy.stages]
    case 'list': case 'race': case 'below': return []
  }
}

/** Returns whether a pipeline has a stage that makes the connections of its node converge */
export function converges (stage: AnyStage): boolean {
  const plan = planOf(stage)

  return (plan.kind === 'below' && plan.converges === true) || partsOf(stage).some(converges)
}

/** Returns whether a place names a stage, at the top or in a nested pipeline: `policy/gater` names a `gater` */
export function isNamed (place: string, name: string): boolean {
  return place === name || place.endsWith(`/${name}`)
}

export interface PipelineNames {
  /** Undefined for an unnamed pipeline */
  readonly name?: string
  /** The names of its stages, top to bottom, as edits write them: `policy/gater` */
  readonly stages: readonly string[]
}

/** The names in each pipeline. Cached: a pipeline never changes */
const known = new WeakMap<AnyStage, PipelineNames>()

/** Returns the names in a pipeline, the same object on each call */
export function namesIn (pipeline: AnyStage): PipelineNames {
  const names = known.get(pipeline) ?? Object.freeze({
    ...pathIn(pipeline, '') === '' ? {} : { name: pipeline.name },
    stages: Object.freeze(partsOf(pipeline).flatMap(one => stagesIn(one, '')))
  })
  known.set(pipeline, names)

  return names
}

/** Returns the path of the stages in a pipeline. An unnamed pipeline adds nothing to the path */
export function pathIn ({ name }: AnyStage, path: string): string {
  return name === 'pipeline' ? path : `${path}${name}/`
}

function stagesIn (stage: AnyStage, path: string): string[] {
  const isPipeline = planOf(stage).kind === 'pipeline'
  const parts = partsOf(stage).flatMap(one => stagesIn(one, isPipeline ? pathIn(stage, path) : path))

  return isPipeline ? parts : [`${path}${stage.name}`, ...parts]
}
