import { makePrefer } from '../pipeline/authoring/pace.ts'
import { checkArguments, checkValue } from '../pipeline/check-options.ts'
import { MILLISECONDS } from '../pipeline/option-kinds.ts'
import type { Stage } from '../pipeline/types.ts'

/**
 * Creates a hold that makes relayed addresses wait for the direct ones. They start when no direct address is untried or in flight, or `ms` milliseconds after the first direct
 * start.
 *
 * @param ms milliseconds after the first direct start, 0 or more. Default: Infinity
 * @throws InvalidPipelineError if `ms` is not a number of milliseconds
 */
export function relaysLater (ms = Infinity): Stage<'candidates', 'candidates', 'relays-later'> {
  checkArguments('relaysLater()', arguments, 1)
  checkValue('relaysLater()', ms, MILLISECONDS)

  return makePrefer('relays-later', ({ facts }) => !facts.isRelayed, { after: ms })
}
