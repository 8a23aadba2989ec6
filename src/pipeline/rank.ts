import { checkHelper } from './check-helper.ts'
import { checkOptions } from './check-options.ts'
import { checkedCompare } from './checked-compare.ts'
import { describeValue, ignoreRejections } from './describe-value.ts'
import { InvalidStageOutputError } from './errors.ts'
import { named } from './named.ts'
import { check } from './observe.ts'
import { stepwise } from './stepwise.ts'
import { HELPER_OPTIONS } from './stage-options.ts'
import type { HelperOptions } from './stage-options.ts'
import type { Compare } from './checked-compare.ts'
import type { Candidate, Dial, DialComponents, List, StageInit } from './types.ts'

export type { Compare }

/**
 * A stage that orders. The first comparator decides, ties go on to the next, and what all hold equal keeps the order
 * from above. After the last comparator may stand the dial options that they read: `rank('by-tier', byTier, { options: ['tier'] })`
 *
 * @throws InvalidPipelineError for an empty name, and for what is not a function
 */
export function rank<const N extends string> (name: N, ...compare: readonly [Compare, ...Compare[]] | readonly [Compare, ...Compare[], HelperOptions]): StageInit<'candidates', 'candidates', N> {
  const last = compare.at(-1)
  const init = typeof last === 'object' && compare.length > 1 ? last : {}
  const comparators = compare.filter(one => one !== init)
  // without a comparator there is none to check
  checkHelper('rank', name, comparators[0], ...comparators)
  checkOptions(`rank("${name}")`, init, HELPER_OPTIONS)
  const checked = comparators.map(one => checkedCompare(name, one as Compare))

  return order(name, (candidates, dial) => candidates.toSorted((a, b) => {
    for (const one of checked) {
      const answer = one(a, b, dial)

      if (answer !== 0) {
        return answer
      }
    }

    return 0
  }), init)
}

/**
 * A stage that orders by looking at the whole list. Its answer has every candidate of the list: `filter` and `sift` drop
 *
 * @throws InvalidPipelineError for an empty name, and for what is not a function
 */
export function order<const N extends string> (name: N, fn: (candidates: readonly Candidate[], dial: Dial, components: DialComponents) => readonly Candidate[], init: HelperOptions = {}): StageInit<'candidates', 'candidates', N> {
  checkHelper('order', name, fn)
  checkOptions(`order("${name}")`, init, HELPER_OPTIONS)
  const { options } = init

  return check(named(name, ['candidates'], 'candidates', components => stepwise(dial => ({
    next: (list: List): List => {
      // one that is sorted in place, or cut, would be compared with itself
      const candidates = fn([...list.candidates], dial, components)
      checkOrder(name, list, candidates)

      return { ...list, candidates }
    }
  })), options))
}

function checkOrder (name: string, list: List, candidates: readonly Candidate[]): void {
  const rest = new Set(list.candidates)

  if (!Array.isArray(candidates)) {
    throw new InvalidStageOutputError(name, `answered ${describeValue(candidates)} where an array of candidates was expected`)
  }

  for (const candidate of candidates) {
    if (!rest.delete(candidate)) {
      ignoreRejections(candidates)
      throw new InvalidStageOutputError(name, `answered ${candidate?.id ?? describeValue(candidate)}, which it was not given, or gave twice`)
    }
  }

  const [missing] = rest

  // a relay's dial inherits what drops, and no order
  if (missing != null) {
    throw new InvalidStageOutputError(name, `left out ${missing.id}: an order keeps every address. Drop with filter() or sift()`)
  }
}
