import { checkOptions, checkValue } from './check-options.ts'
import { checkedPredicate } from './checked-predicate.ts'
import { FUNCTION, MILLISECONDS } from './option-kinds.ts'
import { pace } from './pace.ts'
import { HELPER_OPTIONS } from './stage-options.ts'
import type { HelperOptions } from './stage-options.ts'
import type { Candidate, Dial, RaceState, Start, StageInit } from './types.ts'

export interface PreferInit extends HelperOptions {
  /** Milliseconds after the first preferred start when the rest may start all the same. Default: never */
  after?: number
}

/**
 * A pace that wraps the one above: while a preferred candidate is untried or in flight, only preferred ones start; the
 * rest when every preferred one is spent, or `after` milliseconds have passed
 *
 * @throws InvalidPipelineError for a predicate that is not a function, and an unknown or wrong option
 */
export function prefer (predicate: (candidate: Candidate, dial: Dial) => boolean, init: PreferInit = {}): StageInit<'candidates', 'candidates', 'prefer'> {
  checkValue('prefer()', predicate, FUNCTION)
  checkOptions('prefer()', init, { after: MILLISECONDS, ...HELPER_OPTIONS })

  return preferring('prefer', predicate, init)
}

/** The same under another name, for another factory */
export function preferring<const N extends string> (name: N, predicate: (candidate: Candidate, dial: Dial) => boolean, { after = Infinity, options }: PreferInit): StageInit<'candidates', 'candidates', N> {
  const checked = checkedPredicate(name, predicate)

  return pace(name, (above, dial) => race => {
    const isPreferred = (candidate: Candidate): boolean => checked(candidate, dial)
    const preferred = race.untried.filter(isPreferred)
    const startedAt = firstStart(race, isPreferred)

    if (preferred.length === 0 && !race.inFlight.some(({ candidate }) => isPreferred(candidate))) {
      return above(race)
    }

    const first = preferred.length === 0 ? undefined : above({ ...race, untried: preferred })
    const rest = startedAt == null || after === Infinity ? undefined : above({ ...race, untried: race.untried.filter(one => !isPreferred(one)) })

    return earlier(first, rest == null ? undefined : { ...rest, at: Math.max(rest.at, (startedAt as number) + after) })
  }, { options })
}

function firstStart ({ inFlight, outcomes }: RaceState, isPreferred: (candidate: Candidate) => boolean): number | undefined {
  const starts = [...inFlight, ...outcomes].filter(({ candidate }) => isPreferred(candidate)).map(({ startedAt }) => startedAt)

  return starts.length === 0 ? undefined : Math.min(...starts)
}

function earlier (a?: Start, b?: Start): Start | undefined {
  return a == null || (b != null && b.at < a.at) ? b : a
}
