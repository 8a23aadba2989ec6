import { isChecked } from './observe.ts'
import type { AnyStageInit, DialPipelineOptions } from './types.ts'

/** What an attempt may do: the filters that its address has passed, and the dial options that they read */
export interface DialPolicy {
  readonly stages: readonly AnyStageInit[]
  /**
   * The filters above the source of the address. In a dial with a pipeline of its own, they hold for all addresses of a relay but the one
   * that the source gave
   */
  readonly bypassed?: readonly AnyStageInit[]
  readonly options: DialPipelineOptions
}

/**
 * How a stage counts for relays. Inherited: a relay's dial inherits it from the dial that needs the relay. Own: each dial has only the one
 * of its own pipeline. None: the dial of a relay has none at all
 */
type ForRelays = 'inherited' | 'own' | 'none'

const known = new WeakMap<AnyStageInit, ForRelays>()

/** Marks a stage that the dial of a relay inherits, or one that is not meant for relays */
export function asPolicy<S extends AnyStageInit> (init: S, forRelays = true): S {
  known.set(init, forRelays ? 'inherited' : 'none')

  return init
}

/** Marks a stage that limits a dial: the dial of a relay has a limit of its own */
export function asLimit<S extends AnyStageInit> (init: S): S {
  known.set(init, 'own')

  return init
}

export function isInherited (init: AnyStageInit): boolean {
  return forRelaysOf(init) === 'inherited'
}

/** Whether the dial of a relay goes by a stage of its own pipeline */
export function isNotForRelays (init: AnyStageInit): boolean {
  return forRelaysOf(init) === 'none'
}

/** Of a list stage written by hand nobody knows what it drops: it is inherited */
function forRelaysOf (init: AnyStageInit): ForRelays {
  const { accepts: { candidates }, yields } = init

  if (yields !== 'candidates' || candidates !== true) {
    return 'own'
  }

  return known.get(init) ?? (isChecked(init) ? 'own' : 'inherited')
}
