import { checkOptions, checkValue } from './check-options.ts'
import { checkedPredicate } from './checked-predicate.ts'
import { asPolicy } from './dial-policy.ts'
import { named } from './named.ts'
import { check } from './observe.ts'
import { FUNCTION } from './option-kinds.ts'
import { FILTER_OPTIONS } from './stage-options.ts'
import type { FilterOptions } from './stage-options.ts'
import type { Candidate, Dial, StageInit } from './types.ts'

/**
 * Drops the rest while one preferred candidate stands in the list: "user and certified, everything else only if we have
 * neither". Until the list is complete it is not known whether there is none, and the rest is held back.
 *
 * The dial of a relay inherits it, unless `forRelays` is false: the rest of the relay's addresses goes where one of them is preferred.
 *
 * @throws InvalidPipelineError for what is not a function, and an unknown or wrong option
 */
export function onlyIfNone (preferred: (candidate: Candidate, dial: Dial) => boolean, init: FilterOptions = {}): StageInit<'candidates', 'candidates', 'only-if-none'> {
  checkValue('onlyIfNone()', preferred, FUNCTION)
  checkOptions('onlyIfNone()', init, FILTER_OPTIONS)
  const { options, forRelays } = init
  const isPreferred = checkedPredicate('only-if-none', preferred)

  return asPolicy(check(named('only-if-none', ['candidates'], 'candidates', () => ({
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
  }), options)), forRelays)
}
