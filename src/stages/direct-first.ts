import { checkOptions } from '../pipeline/check-options.ts'
import { MILLISECONDS } from '../pipeline/option-kinds.ts'
import { preferring } from '../pipeline/prefer.ts'
import { isRelayed } from './relay-last.ts'
import type { PreferInit } from '../pipeline/prefer.ts'
import type { StageInit } from '../pipeline/types.ts'

/**
 * A pace: addresses behind a relay start when every direct one is spent, or `after` milliseconds have passed
 *
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function directFirst (init: Pick<PreferInit, 'after'> = {}): StageInit<'candidates', 'candidates', 'direct-first'> {
  checkOptions('directFirst()', init, { after: MILLISECONDS })

  return preferring('direct-first', candidate => !isRelayed(candidate), init)
}
