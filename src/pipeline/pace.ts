import { checkHelper } from './check-helper.ts'
import { checkOptions, checkValue } from './check-options.ts'
import { checkedPace } from './checked-pace.ts'
import { named } from './named.ts'
import { check } from './observe.ts'
import { FINITE_MILLISECONDS } from './option-kinds.ts'
import { stepwise } from './stepwise.ts'
import { HELPER_OPTIONS } from './stage-options.ts'
import type { HelperOptions } from './stage-options.ts'
import type { Dial, DialComponents, List, Pace, StageInit } from './types.ts'

/** RFC 8305, section 5: the Connection Attempt Delay where nothing is known of round-trip times, in milliseconds */
export const CONNECTION_ATTEMPT_DELAY = 250

/**
 * The first untried, `ms` milliseconds after the latest start
 *
 * @throws InvalidPipelineError for what is not a finite number of milliseconds
 */
export function every (ms: number): Pace {
  checkValue('every()', ms, FINITE_MILLISECONDS)

  return ({ untried: [candidate], lastStart, now }) => {
    return candidate == null ? undefined : { candidate, at: lastStart == null ? now : lastStart + ms }
  }
}

export const defaultPace: Pace = every(CONNECTION_ATTEMPT_DELAY)

/**
 * A stage that decides on time. It is given the pace from above, to wrap it
 *
 * @throws InvalidPipelineError for an empty name, and for what is not a function
 */
export function pace<const N extends string> (name: N, fn: (above: Pace, dial: Dial, components: DialComponents) => Pace, init: HelperOptions = {}): StageInit<'candidates', 'candidates', N> {
  checkHelper('pace', name, fn)
  checkOptions(`pace("${name}")`, init, HELPER_OPTIONS)
  const { options } = init

  return check(named(name, ['candidates'], 'candidates', components => stepwise(dial => {
    const wrapped = new Map<Pace, Pace>()

    return {
      next: (list: List): List => {
        const above = list.pace ?? defaultPace
        const own = wrapped.get(above) ?? checkedPace(name, fn(above, dial, components))
        wrapped.set(above, own)

        return { ...list, pace: own }
      }
    }
  }), options))
}
