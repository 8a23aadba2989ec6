import { FILTER_OPTIONS, listStage } from '../pipeline/authoring/list-stage.ts'
import { checkArguments, checkOptions, checkValue } from '../pipeline/check-options.ts'
import { describeValue } from '../pipeline/describe-value.ts'
import { InvalidStageOutputError } from '../pipeline/errors.ts'
import { askedOnce } from '../pipeline/foreign-promises.ts'
import { FUNCTION, NUMBER } from '../pipeline/option-kinds.ts'
import type { FilterOptions } from '../pipeline/authoring/list-stage.ts'
import type { Candidate, Dial, Stage } from '../pipeline/types.ts'

/** What an application thinks of an address, or of the peer that it leads to. Higher is better */
export type Score = (candidate: Candidate, dial: Dial) => number | Promise<number>

export interface ByReputationInit extends FilterOptions {
  /** What is rated lower is dropped. Until its rating is known an address is held back. Default: nothing is */
  least?: number
}

/**
 * Orders addresses by a rating of the application, the highest first. Equal ratings keep the order from above.
 *
 * - Each candidate object is rated once. A rating may take its time, and no address waits for the rating of another.
 * - An address without a rating stands last. With `least` it is held back until it has one.
 * - A score that throws or rejects rates nothing: the error is logged, and the address stands last. With `least` the address is
 *   dropped as `could not be rated`, because nothing says that it is good enough. The dial goes on with the others.
 * - A rating that is no number fails the dial with an `InvalidStageOutputError`.
 * - A dial does not fail before all ratings have come: let them take `dial.signal`.
 * - With `least`, the addresses of a relay have to be rated as high: rate relays too, or pass `forRelays: false`.
 *
 * @throws InvalidPipelineError for a score that is not a function, and an unknown or wrong option
 */
export function byReputation (score: Score, init: ByReputationInit = {}): Stage<'candidates', 'candidates', 'by-reputation'> {
  checkArguments('byReputation()', arguments, 2)
  checkValue('byReputation()', score, FUNCTION)
  checkOptions('byReputation()', init, { least: NUMBER, ...FILTER_OPTIONS })
  const { least = -Infinity, options, forRelays = true } = init

  return listStage('by-reputation', (dial, work) => {
    const ratingOf = askedOnce<number>(dial, work, {
      ask: candidate => score(candidate, dial),
      check: (rating, candidate) => {
        if (typeof rating !== 'number' || Number.isNaN(rating)) {
          throw new InvalidStageOutputError('by-reputation', `rated ${candidate.id} ${describeValue(rating)}: a rating is a number`)
        }

        if (rating < least) {
          work.drop(candidate, `rated ${rating}, lower than ${least}`)
        }
      },
      onFailure: (candidate, thrown) => {
        const error = dial.outlive(thrown, 'could not rate %s', candidate.id)

        if (least !== -Infinity) {
          work.drop(candidate, `could not be rated: ${error.message}`, error)
        }
      }
    })

    // without a least rating nobody waits for one
    const rated = (candidate: Candidate): number => ratingOf(candidate) ?? -Infinity

    return ({ candidates }) => candidates.filter(one => rated(one) >= least).toSorted((a, b) => Number(rated(b) > rated(a)) - Number(rated(b) < rated(a)))
    // without a least rating it drops nothing that a relay's dial could inherit
  }, { options, isPure: true, forRelays: !forRelays ? 'none' : least === -Infinity ? 'own' : 'inherited' })
}
