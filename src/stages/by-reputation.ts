import { FILTER_OPTIONS, listStage } from '../pipeline/authoring/list-stage.ts'
import { checkArguments, checkOptions, checkValue } from '../pipeline/check-options.ts'
import { describeValue } from '../pipeline/describe-value.ts'
import { InvalidStageOutputError } from '../pipeline/errors.ts'
import { askOnce } from '../pipeline/foreign-promises.ts'
import { FUNCTION, NUMBER } from '../pipeline/option-kinds.ts'
import type { FilterOptions } from '../pipeline/authoring/list-stage.ts'
import type { Candidate, Dial, Stage } from '../pipeline/types.ts'

/** Returns the application's score of an address, or of the peer that it leads to. Higher is better. Undefined: there is none */
export type Score = (candidate: Candidate, dial: Dial) => number | undefined | Promise<number | undefined>

export interface ByReputationInit extends FilterOptions {
  /** The lowest score that an address may have. Until its score is known, the address is held back. Default: no minimum */
  minScore?: number | undefined
}

/**
 * Creates a ranker that orders addresses by a score of the application, highest first. Equal scores keep the order from above.
 *
 * - `score` is called once for each candidate object. A promise does not delay other addresses.
 * - An address whose score is pending comes last. With `minScore` it is held back until it has one. `gather(ms)` below the stage waits for the scores.
 * - An address with the score `undefined` comes last. With `minScore` it is dropped as `has no score`.
 * - If `score` throws or rejects, the error is logged and the address comes last. With `minScore` it is dropped as `could not be rated`. The dial
 *   goes on with the other addresses.
 * - A score that is not a number fails the dial with an `InvalidStageOutputError`.
 * - Pending scores do not keep a dial from failing, except with `minScore`: end them with `dial.signal`.
 * - With `minScore`, the addresses of relays need the score too: score relays, or pass `forRelays: false`.
 *
 * @param init.minScore the lowest score that an address may have
 * @throws InvalidPipelineError for a `score` that is not a function, and an unknown or wrong option
 */
export function byReputation (score: Score, init: ByReputationInit = {}): Stage<'candidates', 'candidates', 'by-reputation'> {
  checkArguments('byReputation()', arguments, 2)
  checkValue('byReputation()', score, FUNCTION)
  checkOptions('byReputation()', init, { minScore: NUMBER, ...FILTER_OPTIONS })
  const { minScore = -Infinity, options, forRelays = true } = init

  const isFilter = minScore !== -Infinity

  return listStage('by-reputation', (dial, work) => {
    const ratingOf = askOnce<number | undefined>(work, {
      ask: candidate => score(candidate, dial),
      check: (rating, candidate) => {
        if (rating !== undefined && (typeof rating !== 'number' || Number.isNaN(rating))) {
          throw new InvalidStageOutputError('by-reputation', `rated ${candidate.id} ${describeValue(rating)}: a rating is a number, or undefined`)
        }

        if (isFilter && (rating === undefined || rating < minScore)) {
          work.drop(candidate, rating === undefined ? 'has no score' : `rated ${rating}, lower than ${minScore}`)
        }
      },
      onFailure: (candidate, thrown) => {
        const error = dial.logFailure(thrown, 'could not rate %s', candidate.id)

        if (isFilter) {
          work.drop(candidate, `could not be rated: ${error.message}`, error)
        }
      }
    })

    // without `minScore`, no address is held back
    const rated = (candidate: Candidate): number => ratingOf(candidate) ?? -Infinity

    return ({ candidates }) => candidates.filter(one => rated(one) >= minScore).toSorted((a, b) => Number(rated(b) > rated(a)) - Number(rated(b) < rated(a)))
    // without `minScore` the stage drops no address, and the dial of a relay needs no filter
  }, { options, role: isFilter ? 'filter' : 'rank', isPure: true, forRelays: !forRelays ? 'none' : isFilter ? 'inherited' : 'own' })
}
