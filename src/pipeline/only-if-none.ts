import { checkOptions, checkValue } from './check-options.ts'
import { checkedPredicate } from './checked-predicate.ts'
import { named } from './named.ts'
import { check } from './observe.ts'
import { FUNCTION } from './option-kinds.ts'
import { HELPER_OPTIONS } from './stage-options.ts'
import type { HelperOptions } from './stage-options.ts'
import type { Candidate, Dial, StageInit } from './types.ts'

/**
 * Drops the rest while one preferred candidate stands in the list: "user and certified, everything else only if we have
 * neither". Until the list is complete it is not known whether there is none, and the rest is held back.
 *
 * @throws InvalidPipelineError for what is not a function, and an unknown or wrong option
 */
export function onlyIfNone (preferred: (candidate: Candidate, dial: Dial) => boolean, init: HelperOptions = {}): StageInit<'candidates', 'candidates', 'only-if-none'> {
  checkValue('onlyIfNone()', preferred, FUNCTION)
  checkOptions('onlyIfNone()', init, HELPER_OPTIONS)
  const { options } = init
  const isPreferred = checkedPredicate('only-if-none', preferred)

  return check(named('only-if-none', ['candidates'], 'candidates', () => ({
    run: async function * (source, dial) {
      for await (const list of source) {
        const candidates = list.candidates.filter(one => isPreferred(one, dial))

        if (candidates.length === 0 && list.complete) {
          list.candidates.forEach(one => { dial.verdict(one, true) })
          yield list
          continue
        }

        if (candidates.length > 0) {
          list.candidates.forEach(one => { dial.verdict(one, candidates.includes(one) ? true : 'a preferred address is known') })
        }

        yield { ...list, candidates }
      }
    }
  }), options))
}
