import { listStage, memoised } from '../pipeline/authoring/list-stage.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { describeValue } from '../pipeline/describe-value.ts'
import { InvalidStageOutputError } from '../pipeline/errors.ts'
import { FINITE_MILLISECONDS, FUNCTION, PROBABILITY } from '../pipeline/option-kinds.ts'
import { LAMBDA } from './odds-pace.ts'
import { priceOf } from './prices.ts'
import type { Estimate, Stage } from '../pipeline/types.ts'

export interface ByHistoryInit {
  /**
   * Milliseconds of waiting that one more dial may cost
   *
   * @default 30
   */
  lambda?: number
  /**
   * The share of dials that keep the order from above, so that what has failed once or was slow is tried again
   * (draft-ietf-happy-happyeyeballs-v3: "periodically ignore historical data")
   *
   * @default 0.02
   */
  explore?: number
  /**
   * From 0 up to 1, asked once a dial
   *
   * @default the node's, which is Math.random outside of a simulation
   */
  random?: () => number
}

/**
 * How much better an address has to be to move up. Where an even chance is believed as firmly as four dials would have it,
 * one success makes it 3 to 5 and one failure 2 to 5: 1.5 lies between them, and a single measured time moves less
 */
const BAND = Math.log(1.5)

/** As good as impossible; it still has an order by time */
const LEAST_SUCCESS = 0.001

/**
 * What succeeds most for the time that it takes first, by what the node has learnt: success / (time + lambda), the order with
 * the least expected cost where one is tried after another until one succeeds (Weitzman 1979). What is about as good keeps
 * the order from above. On a node whose `connectionManager` settings have an `addressSorter`, the stage changes nothing: the
 * operator's order decides, as `libp2pOrder()` applies it.
 *
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function byHistory (init: ByHistoryInit = {}): Stage<'candidates', 'candidates', 'by-history'> {
  checkArguments('byHistory()', arguments, 1)
  checkOptions('byHistory()', init, { lambda: FINITE_MILLISECONDS, explore: PROBABILITY, random: FUNCTION })
  const { lambda = LAMBDA, explore = 0.02 } = init

  return listStage('by-history', ({ node: { history, settings, random = Math.random }, part: { memory } }) => {
    if (settings.addressSorter != null || draw(init.random ?? random) < explore) {
      return ({ candidates }) => candidates
    }

    const bandOf = memoised(candidate => toBand(memory.estimateOf(candidate, history), lambda * priceOf(candidate.facts.transport).start))

    return ({ candidates }) => candidates.length < 2 ? candidates : candidates.toSorted((a, b) => bandOf(b) - bandOf(a))
  }, { role: 'rank', isPure: true })
}

function draw (random: () => number): number {
  const drawn = random()

  if (typeof drawn !== 'number' || Number.isNaN(drawn)) {
    throw new InvalidStageOutputError('by-history', `has a random() that answered ${describeValue(drawn)}: it answers a number from 0 up to 1`)
  }

  return drawn
}

function toBand ({ success, connect }: Estimate, price: number): number {
  return Math.round(Math.log(Math.max(success, LEAST_SUCCESS) / Math.max(connect + price, 1)) / BAND)
}
