import { CONNECTION_ATTEMPT_DELAY, every, pace } from '../pipeline/pace.ts'
import type { StageInit } from '../pipeline/types.ts'

/** One attempt every `ms` milliseconds (RFC 8305's Connection Attempt Delay); at once after a failure that leaves none in flight */
export function stagger (ms: number = CONNECTION_ATTEMPT_DELAY): StageInit<'candidates', 'candidates', 'stagger'> {
  return pace('stagger', () => every(ms))
}
