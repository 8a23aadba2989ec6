import { describeValue } from '../pipeline/describe-value.ts'
import { InvalidPipelineError, InvalidStageOutputError, isPipelineFault } from '../pipeline/errors.ts'
import { isThenable } from '../pipeline/is-thenable.ts'
import { judged } from '../pipeline/judged.ts'
import { named } from '../pipeline/named.ts'
import { check } from '../pipeline/observe.ts'
import { Work } from '../pipeline/react.ts'
import { stepwise } from '../pipeline/stepwise.ts'
import type { HelperOptions } from '../pipeline/stage-options.ts'
import type { Candidate, Dial, List, StageInit } from '../pipeline/types.ts'

/** What an application thinks of an address, or of the peer that it leads to. Higher is better */
export type Score = (candidate: Candidate, dial: Dial) => number | Promise<number>

export interface ByReputationInit extends HelperOptions {
  /** What is rated lower is dropped. Until its rating is known an address is held back. Default: nothing is */
  least?: number
}

/**
 * Orders by an application's own rating, the highest first; keeps the order from above among equals. Each candidate object is
 * rated once. Ratings may take their time, and nothing waits for another's: an address without one stands last until
 * it has it, and with `least` it is held back. A dial does not fail before all have come, so let them take `dial.signal`.
 * A rating that is no number, or that fails, fails the dial with an `InvalidStageOutputError`.
 *
 * @throws InvalidPipelineError for a `least` that is no number
 */
export function byReputation (score: Score, { least = -Infinity, options }: ByReputationInit = {}): StageInit<'candidates', 'candidates', 'by-reputation'> {
  if (typeof least !== 'number' || Number.isNaN(least)) {
    throw new InvalidPipelineError(`byReputation() needs a number as least, not ${describeValue(least)}`)
  }

  return check(named('by-reputation', ['candidates'], 'candidates', () => stepwise((dial, wake) => {
    const work = new Work(wake)
    const ratings = new Map<Candidate, number | undefined>()

    function settle (candidate: Candidate, rating: number): void {
      if (typeof rating !== 'number' || Number.isNaN(rating)) {
        throw new InvalidStageOutputError('by-reputation', `rated ${candidate.id} ${describeValue(rating)}: a rating is a number`)
      }

      ratings.set(candidate, rating)
    }

    function ask (candidate: Candidate): void {
      try {
        const answer = score(candidate, dial)

        if (isThenable(answer)) {
          ratings.set(candidate, undefined)
          work.add(Promise.resolve(answer).then(rating => { settle(candidate, rating) }, err => { throw failure(candidate, err) }))
        } else {
          settle(candidate, answer)
        }
      } catch (err) {
        throw failure(candidate, err)
      }
    }

    function next (list: List): List {
      list.candidates.filter(candidate => !ratings.has(candidate)).forEach(ask)

      const rated = list.candidates.flatMap(candidate => {
        const rating = ratings.get(candidate)

        return rating == null ? [] : [{ candidate, rating }]
      })
      const best = rated.toSorted((a, b) => b.rating - a.rating)
      const { candidates } = judged({ ...list, candidates: best.map(({ candidate }) => candidate) }, dial, candidate => {
        const rating = ratings.get(candidate) ?? least

        return rating >= least || `rated ${rating}, lower than ${least}`
      })
      const unrated = least === -Infinity ? list.candidates.filter(candidate => ratings.get(candidate) == null) : []

      return { ...list, candidates: [...candidates, ...unrated], complete: list.complete && work.pending === 0 }
    }

    return { work, next }
  }), options))
}

function failure ({ id }: Candidate, err: unknown): Error {
  return isPipelineFault(err) ? err as Error : new InvalidStageOutputError('by-reputation', `could not rate ${id}: ${describeValue(err)}`, { cause: err })
}
