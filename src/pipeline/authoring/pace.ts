import { HELPER_OPTIONS, checkHelper, checkedPredicate, listStage, proveAll } from './list-stage.ts'
import { checkArguments, checkOptions, checkValue } from '../check-options.ts'
import { FUNCTION, MILLISECONDS } from '../option-kinds.ts'
import type { ProofFilter, HelperOptions } from './list-stage.ts'
import type { Candidate, Dial, Rule, Stage } from '../types.ts'

/**
 * Creates a stage that adds a pace, a rule that says when the next attempt starts while others are in flight. The latest time of all paces in a
 * pipeline counts. The paces of a nested pipeline with a race replace those of the pipelines around. Without a pace, the next attempt starts
 * 250 ms after the last start.
 *
 * ```ts
 * pace('every-100-ms', race => race.lastStart + 100)
 * ```
 *
 * @param rule returns a time on the dial's clock, in milliseconds, or a function from a candidate to such a time
 * @throws InvalidPipelineError for a name that is empty or has a `/`, a `rule` that is not a function, and an unknown or wrong option
 */
export function pace<const N extends string> (name: N, rule: Rule, init: HelperOptions = {}): Stage<'candidates', 'candidates', N> {
  checkArguments('pace()', arguments, 3)

  return makeRule('pace', name, rule, init, proveAll)
}

/**
 * Creates a stage that adds a hold, a rule that makes some candidates wait longer than the pace. `0` does not hold a candidate. `Infinity` holds it
 * until the race changes. With nothing in flight, `Infinity` holds no candidate, and once the list is complete no time does. The latest time
 * of all holds counts. If several candidates may start, the one with the shortest hold goes first.
 *
 * ```ts
 * hold('relays-later', race => ({ facts }) => facts.isRelayed ? race.firstStart + 500 : 0)
 * ```
 *
 * @param rule returns a time on the dial's clock, in milliseconds, or a function from a candidate to such a time
 * @throws InvalidPipelineError for a name that is empty or has a `/`, a `rule` that is not a function, and an unknown or wrong option
 */
export function hold<const N extends string> (name: N, rule: Rule, init: HelperOptions = {}): Stage<'candidates', 'candidates', N> {
  checkArguments('hold()', arguments, 3)

  return makeRule('hold', name, rule, init, proveAll)
}

/** `pace()` and `hold()` for stages of this package: `asks` selects the candidates whose signature matters */
export function makeRule<const N extends string> (how: 'pace' | 'hold', name: N, rule: Rule, init: HelperOptions = {}, asks?: ProofFilter): Stage<'candidates', 'candidates', N> {
  checkHelper(how, name, [rule], init, HELPER_OPTIONS)

  return listStage(name, (_dial, work) => {
    work[how](rule)

    return ({ candidates }) => candidates
  }, { ...init, role: how === 'pace' ? how : undefined, isPure: true, asks })
}

export interface PreferInit extends HelperOptions {
  /** Milliseconds after the first preferred start when the other candidates may start. Default: never */
  after?: number | undefined
}

/**
 * Creates a stage that holds the other candidates while a preferred one is untried or in flight.
 *
 * @param init.after milliseconds after the first preferred start when the others may start. Default: Infinity
 * @throws InvalidPipelineError for a `predicate` that is not a function, and an unknown or wrong option
 */
export function prefer (predicate: (candidate: Candidate, dial: Dial) => boolean, init: PreferInit = {}): Stage<'candidates', 'candidates', 'prefer'> {
  checkArguments('prefer()', arguments, 2)
  checkValue('prefer()', predicate, FUNCTION)
  checkOptions('prefer()', init, { after: MILLISECONDS, ...HELPER_OPTIONS })

  return makePrefer('prefer', predicate, init, proveAll)
}

/** `prefer()` under the name of another factory */
export function makePrefer<const N extends string> (name: N, predicate: (candidate: Candidate, dial: Dial) => boolean, { after = Infinity, options }: PreferInit, asks?: ProofFilter): Stage<'candidates', 'candidates', N> {
  const checked = checkedPredicate(name, predicate)

  return makeRule('hold', name, ({ untried, inFlight, outcomes }, dial) => {
    const isPreferred = (candidate: Candidate): boolean => checked(candidate, dial)

    if (!untried.some(isPreferred) && !inFlight.some(({ candidate }) => isPreferred(candidate))) {
      return 0
    }

    const started = [...inFlight, ...outcomes].filter(({ candidate }) => isPreferred(candidate))
    const rest = started.reduce((first, { startedAt }) => Math.min(first, startedAt), Infinity) + after

    return candidate => isPreferred(candidate) ? 0 : rest
  }, { options }, asks)
}
