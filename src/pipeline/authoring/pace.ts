import { HELPER_OPTIONS, checkHelper, checkedPredicate, listStage } from './list-stage.ts'
import { checkArguments, checkOptions, checkValue } from '../check-options.ts'
import { FUNCTION, MILLISECONDS } from '../option-kinds.ts'
import { asksAll } from './proofs.ts'
import type { Asks } from './proofs.ts'
import type { HelperOptions } from './list-stage.ts'
import type { Candidate, Dial, Rule, Stage } from '../types.ts'

/**
 * Says how attempts follow those in flight: the rule is asked while something is, and names the time before which the next does not start.
 * Of several paces in one pipeline the latest time counts; one in a nested pipeline takes the place of those around. Without a pace the next
 * starts 250 ms after the last
 *
 * @throws InvalidPipelineError for an empty name, what is not a function, and an unknown or wrong option
 */
export function pace<const N extends string> (name: N, rule: Rule, init: HelperOptions = {}): Stage<'candidates', 'candidates', N> {
  checkArguments('pace()', arguments, 3)

  return ruling('pace', name, rule, init, asksAll)
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

  return ruling('hold', name, rule, init, asksAll)
}

/** The same for stages of this package, which say whether they ask who signed an address */
export function ruling<const N extends string> (how: 'pace' | 'hold', name: N, rule: Rule, init: HelperOptions = {}, asks?: Asks): Stage<'candidates', 'candidates', N> {
  checkHelper(how, name, [rule], init, HELPER_OPTIONS)

  return listStage(name, (_dial, work) => {
    work[how](rule)

    return ({ candidates }) => candidates
  }, { ...init, role: how === 'pace' ? how : undefined, isPure: true, asks })
}

export interface PreferInit extends HelperOptions {
  /** Milliseconds after the first preferred start when the rest may start all the same. Default: never */
  after?: number
}

/**
 * Holds the rest back while a preferred candidate is untried or in flight, or until `after` milliseconds have passed since the first of
 * them started
 *
 * @throws InvalidPipelineError for a predicate that is not a function, and an unknown or wrong option
 */
export function prefer (predicate: (candidate: Candidate, dial: Dial) => boolean, init: PreferInit = {}): Stage<'candidates', 'candidates', 'prefer'> {
  checkArguments('prefer()', arguments, 2)
  checkValue('prefer()', predicate, FUNCTION)
  checkOptions('prefer()', init, { after: MILLISECONDS, ...HELPER_OPTIONS })

  return preferring('prefer', predicate, init, asksAll)
}

/** The same under another name, for another factory */
export function preferring<const N extends string> (name: N, predicate: (candidate: Candidate, dial: Dial) => boolean, { after = Infinity, options }: PreferInit, asks?: Asks): Stage<'candidates', 'candidates', N> {
  const checked = checkedPredicate(name, predicate)

  return ruling('hold', name, ({ untried, inFlight, outcomes }, dial) => {
    const isPreferred = (candidate: Candidate): boolean => checked(candidate, dial)

    if (!untried.some(isPreferred) && !inFlight.some(({ candidate }) => isPreferred(candidate))) {
      return 0
    }

    const started = [...inFlight, ...outcomes].filter(({ candidate }) => isPreferred(candidate))
    const rest = started.reduce((first, { startedAt }) => Math.min(first, startedAt), Infinity) + after

    return candidate => isPreferred(candidate) ? 0 : rest
  }, { options }, asks)
}
