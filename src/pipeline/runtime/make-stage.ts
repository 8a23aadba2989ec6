import type { Plan } from './plan.ts'
import type { AnyStage, DialComponents, Flow, Stage } from '../types.ts'

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
  /** Removes the listeners */
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

/** Returns the state of a stage for a node */
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

/** Returns the stages inside a stage */
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

/** Returns whether a pipeline has a stage that makes the connections of its node converge */
export function converges (stage: AnyStage): boolean {
  const plan = planOf(stage)

  return (plan.kind === 'below' && plan.converges === true) || partsOf(stage).some(converges)
}
