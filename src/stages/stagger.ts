import { CONNECTION_ATTEMPT_DELAY, every, pace } from '../pipeline/pace.ts'
import type { StageInit } from '../pipeline/types.ts'

/**
 * One attempt every `ms` milliseconds (RFC 8305's Connection Attempt Delay); at once after a failure that leaves none in
 * flight. Without a delay where both sides dial at the same moment, as DCUtR has it (`initiator: false`).
 */
export function stagger (ms: number = CONNECTION_ATTEMPT_DELAY): StageInit<'candidates', 'candidates', 'stagger'> {
  return pace('stagger', (_above, dial) => every(dial.options.initiator === false ? 0 : ms))
}
