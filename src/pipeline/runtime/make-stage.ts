import type { Plan } from './plan.ts'
import type { AnyStage, DialComponents, Flow, Stage } from '../types.ts'

const plans = new WeakMap<AnyStage, Plan>()
const states = new WeakMap<DialComponents, WeakMap<AnyStage, unknown>>()

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

/** What a stage keeps for a node. Made once */
export function stateOf (stage: AnyStage, node: DialComponents): unknown {
  const plan = planOf(stage)
  const perNode = plan.kind === 'list' || plan.kind === 'below' ? plan.perNode : undefined

  if (perNode == null) {
    return undefined
  }

  const ofNode = states.get(node) ?? new WeakMap<AnyStage, unknown>()
  states.set(node, ofNode)

  if (!ofNode.has(stage)) {
    ofNode.set(stage, perNode(node))
  }

  return ofNode.get(stage)
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
