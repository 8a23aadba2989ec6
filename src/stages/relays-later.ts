import { preferring } from '../pipeline/authoring/pace.ts'
import { checkArguments, checkValue } from '../pipeline/check-options.ts'
import { MILLISECONDS } from '../pipeline/option-kinds.ts'
import type { Stage } from '../pipeline/types.ts'

/**
 * A hold: addresses behind a relay start when no direct one is untried or in flight, or `ms` milliseconds after the first direct one
 *
 * @param ms default: they wait for every direct one
 * @throws InvalidPipelineError for what is not a number of milliseconds
 */
export function relaysLater (ms = Infinity): Stage<'candidates', 'candidates', 'relays-later'> {
  checkArguments('relaysLater()', arguments, 1)
  checkValue('relaysLater()', ms, MILLISECONDS)

  return preferring('relays-later', ({ facts }) => !facts.isRelayed, { after: ms })
}
