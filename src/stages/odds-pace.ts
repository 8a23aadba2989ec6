import { listStage, memoised } from '../pipeline/authoring/list-stage.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { FINITE_MILLISECONDS } from '../pipeline/option-kinds.ts'
import { expectation, LAMBDA, nextStart } from './odds.ts'
import type { Stage } from '../pipeline/types.ts'

export interface OddsPaceInit {
  /**
   * Milliseconds of waiting that one more dial may cost: 100 where dials are dear, 10 where somebody waits
   *
   * @default 30
   */
  lambda?: number
}

/**
 * A pace that weighs waiting against dialling: the next starts as soon as it is likely enough that all in flight are dead
 * and it is not, by what the node's history says of each. So what is likely to answer is given its time, and what is likely
 * to be dead is dialled side by side. Once a remote was heard of, its handshake is given time. Without a delay where both
 * sides dial at the same moment, as DCUtR has it (`initiator: false`).
 *
 * @throws InvalidPipelineError for an unknown option, and for what is not a finite number of milliseconds
 */
export function oddsPace (init: OddsPaceInit = {}): Stage<'candidates', 'candidates', 'odds-pace'> {
  checkArguments('oddsPace()', arguments, 1)
  checkOptions('oddsPace()', init, { lambda: FINITE_MILLISECONDS })
  const { lambda = LAMBDA } = init

  return listStage('odds-pace', (dial, work) => {
    // what is learnt while a dial runs does not change what it waits for
    const expected = memoised(candidate => expectation(dial.node.history.estimate(candidate)))

    work.pace(({ untried: [next], inFlight }) => {
      return next == null || dial.options.initiator === false ? 0 : nextStart(inFlight.map(flight => ({ ...flight, expected: expected(flight.candidate) })), expected(next), lambda)
    })

    return ({ candidates }) => candidates
  }, { role: 'pace', isPure: true })
}
