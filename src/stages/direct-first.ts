import { preferring } from '../pipeline/prefer.ts'
import { isRelayed } from './relay-last.ts'
import type { PreferInit } from '../pipeline/prefer.ts'
import type { StageInit } from '../pipeline/types.ts'

/**
 * A pace: addresses behind a relay start when every direct one is spent, or `after` milliseconds have passed
 *
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function directFirst (init: PreferInit = {}): StageInit<'candidates', 'candidates', 'direct-first'> {
  return preferring('directFirst()', 'direct-first', candidate => !isRelayed(candidate), init)
}
