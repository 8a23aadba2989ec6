import { isChecked } from './observe.ts'
import type { AnyStageInit, DialPipelineOptions } from './types.ts'

/** What an attempt may do: the filters that its address has passed, and the dial options that they read */
export interface DialPolicy {
  readonly stages: readonly AnyStageInit[]
  readonly options: DialPipelineOptions
}

const policies = new WeakMap<AnyStageInit, readonly AnyStageInit[]>()

/** Says which stages a dial inherits that is made on behalf of an attempt below this stage: the dial of a relay */
export function setPolicy<S extends AnyStageInit> (init: S, stages: readonly AnyStageInit[]): S {
  policies.set(init, stages)

  return init
}

/** Marks a stage that such a dial inherits, unless it is not meant for relays */
export function asPolicy<S extends AnyStageInit> (init: S, forRelays = true): S {
  return setPolicy(init, forRelays ? [init] : [])
}

/** Returns what a relay's dial inherits of a stage. Of a list stage written by hand nobody knows what it drops: it is inherited */
export function policyOf (init: AnyStageInit): readonly AnyStageInit[] {
  const known = policies.get(init)

  if (known != null) {
    return known
  }

  const isByHand = !isChecked(init) && init.yields === 'candidates' && init.accepts.candidates === true && init.accepts.target !== true

  return isByHand ? [init] : []
}
