import type { Plan } from './plan.ts'
import type { AnyStage, DialComponents, Flow, Stage } from '../types.ts'

const plans = new WeakMap<AnyStage, Plan>()

export interface StageParts<N extends string, In extends keyof Flow, Out extends keyof Flow> {
  readonly name: N
  readonly accepts: readonly In[]
  readonly yields: Out
  readonly options?: readonly string[]
}

/** Makes a stage: a plain object that says what has to be known of it before there is a dial */
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

/** Undefined: it is not a stage, or one of another copy of this package */
export function findPlan (stage: AnyStage): Plan | undefined {
  return plans.get(stage)
}

export function planOf (stage: AnyStage): Plan {
  return plans.get(stage) as Plan
}

/** What is kept for one node, by the stage or the class that keeps it */
interface NodeStates {
  readonly states: WeakMap<object, unknown>
  readonly listening: Array<Partial<Listening>>
  /** The node whose stages' states are copied */
  readonly origin?: DialComponents
}

/** Listens to a node while its dialer is attached */
export interface Listening {
  /** Removes its listeners */
  stop (): void
}

const nodes = new WeakMap<object, NodeStates>()

/** Returns what an owner keeps for a node. Made when it is asked for first */
export function stateFor<S> (node: object, owner: object, make: (kept: NodeStates) => S): S {
  const kept = nodes.get(node) ?? { states: new WeakMap<object, unknown>(), listening: [] }
  nodes.set(node, kept)

  if (!kept.states.has(owner)) {
    kept.states.set(owner, make(kept))
  }

  return kept.states.get(owner) as S
}

/** Returns what a stage keeps for a node */
export function stateOf (stage: AnyStage, node: DialComponents): unknown {
  const plan = planOf(stage)
  const perNode = plan.kind === 'list' || plan.kind === 'below' ? plan.perNode : undefined

  return perNode == null ? undefined : stateFor(node, stage, ({ origin }) => origin == null ? perNode(node) : copied(stateOf(stage, origin)))
}

/** Counters and the like: what has methods of its own is shared */
function copied (state: unknown): unknown {
  return typeof state === 'object' && state != null && Object.getPrototypeOf(state) === Object.prototype ? { ...state } : state
}

/** Has stages find for a node what they keep for another, and change nothing there. To be stopped as that of any node */
export function deriveNodeStates (node: DialComponents, origin: DialComponents): void {
  nodes.set(node, { states: new WeakMap<object, unknown>(), listening: [], origin })
}

/** Returns what a class keeps for a node, whatever its pipelines are: they come and go, and so would its listeners */
export function nodeState<N extends object, S extends object> (node: N, State: new (node: N) => S): S {
  return stateFor(node, State, ({ listening }) => {
    const state: S & Partial<Listening> = new State(node)
    listening.push(state)

    return state
  })
}

/** Lets go of all that is kept for a node, and of the node */
export function stopNodeStates (node: object): void {
  nodes.get(node)?.listening.forEach(state => state.stop?.())
  nodes.delete(node)
}

/** Makes what the stages of a pipeline keep for a node */
export function prepare (stage: AnyStage, node: DialComponents): void {
  stateOf(stage, node)
  partsOf(stage).forEach(one => { prepare(one, node) })
}

/** The stages that a stage is made of */
export function partsOf (stage: AnyStage): readonly AnyStage[] {
  const plan = planOf(stage)

  switch (plan.kind) {
    case 'pipeline': return plan.stages
    case 'combined': return plan.pipelines
    case 'when': return [plan.stage]
    case 'inherited': return [...plan.policy.bypassed ?? [], ...plan.policy.stages]
    case 'list':
    case 'race':
    case 'below': return []
  }
}

/** Whether a pipeline has the connections of its node converge */
export function converges (stage: AnyStage): boolean {
  const plan = planOf(stage)

  return (plan.kind === 'below' && plan.converges === true) || partsOf(stage).some(converges)
}
