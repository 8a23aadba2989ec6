import { HELPER_OPTIONS, checkHelper, listStage } from './list-stage.ts'
import { checkArguments, checkOptions } from '../check-options.ts'
import type { HelperOptions } from './list-stage.ts'
import type { Rule, Stage } from '../types.ts'

/**
 * Says who has to wait longer than the pace would have it: the rule names the time before which a candidate does not start. 0: no objection;
 * `Infinity`: not before something changes. With nothing in flight nobody waits for that, nor for any time once the list is complete.
 * Holds add up: the latest time counts, and of those that may start, the one that is held least goes first
 *
 * @throws InvalidPipelineError for an empty name, what is not a function, and an unknown or wrong option
 */
export function hold<const N extends string> (name: N, rule: Rule, init: HelperOptions = {}): Stage<'candidates', 'candidates', N> {
  checkArguments('hold()', arguments, 3)
  checkHelper('hold', name, rule)
  checkOptions(`hold("${name}")`, init, HELPER_OPTIONS)

  return listStage(name, (_dial, work) => {
    work.hold(rule)

    return ({ candidates }) => candidates
  }, { ...init, isPure: true })
}
