import { HELPER_OPTIONS, checkHelper, listStage } from './list-stage.ts'
import { checkArguments, checkOptions } from '../check-options.ts'
import type { HelperOptions } from './list-stage.ts'
import type { Rule, Stage } from '../types.ts'

/**
 * Says how attempts follow those in flight: the rule is asked while something is, and names the time before which the next does not start.
 * Of several paces in one pipeline the latest time counts; one in a nested pipeline takes the place of those around. Without a pace the next
 * starts 250 ms after the last
 *
 * @throws InvalidPipelineError for an empty name, what is not a function, and an unknown or wrong option
 */
export function pace<const N extends string> (name: N, rule: Rule, init: HelperOptions = {}): Stage<'candidates', 'candidates', N> {
  checkArguments('pace()', arguments, 3)

  return ruling('pace', name, rule, init)
}

/**
 * Says who has to wait longer than the pace would have it: the rule names the time before which a candidate does not start. 0: no objection;
 * `Infinity`: not before something changes. With nothing in flight nobody waits for that, nor for any time once the list is complete.
 * Holds add up: the latest time counts, and of those that may start, the one that is held least goes first
 *
 * @throws InvalidPipelineError for an empty name, what is not a function, and an unknown or wrong option
 */
export function hold<const N extends string> (name: N, rule: Rule, init: HelperOptions = {}): Stage<'candidates', 'candidates', N> {
  checkArguments('hold()', arguments, 3)

  return ruling('hold', name, rule, init)
}

function ruling<const N extends string> (how: 'pace' | 'hold', name: N, rule: Rule, init: HelperOptions): Stage<'candidates', 'candidates', N> {
  checkHelper(how, name, rule)
  checkOptions(`${how}("${name}")`, init, HELPER_OPTIONS)

  return listStage(name, (_dial, work) => {
    work[how](rule)

    return ({ candidates }) => candidates
  }, { ...init, role: how === 'pace' ? how : undefined, isPure: true })
}
