import { listStage, memoise } from '../pipeline/authoring/list-stage.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { FINITE_MILLISECONDS, PROBABILITY } from '../pipeline/option-kinds.ts'
import { COST_PER_DIAL } from './odds-pace.ts'
import { priceOf } from './odds.ts'
import type { Candidate, Estimate, Stage } from '../pipeline/types.ts'

export interface ByHistoryInit {
  /**
   * Milliseconds of waiting that one dial is worth. A higher value favours success over speed
   *
   * @default 30
   */
  costPerDial?: number | undefined
  /**
   * The share of dials that keep the order from above, 0 to 1. Addresses that were slow or failed once get another chance in them
   * (draft-ietf-happy-happyeyeballs-v3: "periodically ignore historical data")
   *
   * @default 0.02
   */
  explore?: number | undefined
}

/**
 * The factor by which an address must be better to move up. If an even chance is believed as firmly as after four dials, one success makes it 3/5
 * and one failure 2/5: a factor of 1.5, while a single measured time moves the score less
 */
const BAND = Math.log(1.5)

/** Lower success probabilities count as this one: only the time orders such addresses */
const MIN_SUCCESS = 0.001

/**
 * Creates a ranker that puts the address with the best history first, by success / (time + costPerDial). For attempts that run one after another, this
 * order has the lowest expected cost (Weitzman 1979). Addresses of about the same score keep the order from above. The first
 * `maxPeerAddrsToDial` addresses from above stay the first ones: without that, `take()` could drop the only good one in each dial. If the node's
 * `connectionManager` settings have an `addressSorter`, the stage has no effect: `libp2pOrder()` applies the sorter.
 *
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function byHistory (init: ByHistoryInit = {}): Stage<'candidates', 'candidates', 'by-history'> {
  checkArguments('byHistory()', arguments, 1)
  checkOptions('byHistory()', init, { costPerDial: FINITE_MILLISECONDS, explore: PROBABILITY })
  const { costPerDial = COST_PER_DIAL, explore = 0.02 } = init

  return listStage('by-history', ({ node: { history, settings, random = Math.random }, part: { memory } }) => {
    if (settings.addressSorter != null || random() < explore) {
      return ({ candidates }) => candidates
    }

    const bandOf = memoise(candidate => toBand(memory.estimateOf(candidate, history), costPerDial * priceOf(candidate.facts.transport)))

    const ranked = (some: readonly Candidate[]): readonly Candidate[] => some.length < 2 ? some : some.toSorted((a, b) => bandOf(b) - bandOf(a))
    const most = settings.maxPeerAddrsToDial

    return ({ candidates }) => candidates.length <= most ? ranked(candidates) : [...ranked(candidates.slice(0, most)), ...ranked(candidates.slice(most))]
  }, { role: 'rank', isPure: true })
}

function toBand ({ success, connect }: Estimate, price: number): number {
  return Math.round(Math.log(Math.max(success, MIN_SUCCESS) / Math.max(connect + price, 1)) / BAND)
}
