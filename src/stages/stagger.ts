import { checkArguments, checkValue } from '../pipeline/check-options.ts'
import { FINITE_MILLISECONDS } from '../pipeline/option-kinds.ts'
import { ruling } from '../pipeline/authoring/pace.ts'
import { CONNECTION_ATTEMPT_DELAY } from '../pipeline/runtime/rules.ts'
import type { Stage } from '../pipeline/types.ts'

/**
 * One attempt every `ms` milliseconds (RFC 8305's Connection Attempt Delay); at once after a failure that leaves none in
 * flight. Without a delay where both sides dial at the same moment, as DCUtR has it (`initiator: false`).
 *
 * @throws InvalidPipelineError for what is not a finite number of milliseconds
 */
export function stagger (ms: number = CONNECTION_ATTEMPT_DELAY): Stage<'candidates', 'candidates', 'stagger'> {
  checkArguments('stagger()', arguments, 1)
  checkValue('stagger()', ms, FINITE_MILLISECONDS)

  return ruling('pace', 'stagger', ({ lastStart }, dial) => dial.options.initiator === false ? 0 : lastStart + ms)
}
