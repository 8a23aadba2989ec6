import { checkedPredicate } from './checked-predicate.ts'
import { hold } from './pace.ts'
import { HELPER_OPTIONS } from './list-stage.ts'
import { checkArguments, checkOptions, checkValue } from '../check-options.ts'
import { FUNCTION, MILLISECONDS } from '../option-kinds.ts'
import type { HelperOptions } from './list-stage.ts'
import type { Candidate, Dial, Stage } from '../types.ts'

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

  return preferring('prefer', predicate, init)
}

/** The same under another name, for another factory */
export function preferring<const N extends string> (name: N, predicate: (candidate: Candidate, dial: Dial) => boolean, { after = Infinity, options }: PreferInit): Stage<'candidates', 'candidates', N> {
  const checked = checkedPredicate(name, predicate)

  return hold(name, ({ untried, inFlight, outcomes }, dial) => {
    const isPreferred = (candidate: Candidate): boolean => checked(candidate, dial)

    if (!untried.some(isPreferred) && !inFlight.some(({ candidate }) => isPreferred(candidate))) {
      return 0
    }

    const started = [...inFlight, ...outcomes].filter(({ candidate }) => isPreferred(candidate))
    const rest = started.reduce((first, { startedAt }) => Math.min(first, startedAt), Infinity) + after

    return candidate => isPreferred(candidate) ? 0 : rest
  }, { options })
}
