import { checkOptions } from '../pipeline/check-options.ts'
import { MILLISECONDS } from '../pipeline/option-kinds.ts'
import { preferring } from '../pipeline/authoring/prefer.ts'
import type { PreferInit } from '../pipeline/authoring/prefer.ts'
import type { Stage } from '../pipeline/types.ts'

/**
 * A hold: addresses behind a relay start when no direct one is untried or in flight, or `after` milliseconds have passed
 *
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function directFirst (init: Pick<PreferInit, 'after'> = {}): Stage<'candidates', 'candidates', 'direct-first'> {
  checkOptions('directFirst()', init, { after: MILLISECONDS })

  return preferring('direct-first', ({ facts }) => !facts.isRelayed, init)
}
