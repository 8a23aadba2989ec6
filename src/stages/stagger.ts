import { checkArguments, checkValue } from '../pipeline/check-options.ts'
import { FINITE_MILLISECONDS } from '../pipeline/option-kinds.ts'
import { makeRule } from '../pipeline/authoring/pace.ts'
import { CONNECTION_ATTEMPT_DELAY } from '../pipeline/runtime/rules.ts'
import type { Stage } from '../pipeline/types.ts'

/**
 * Creates a pace that starts an attempt every `ms` milliseconds, RFC 8305's Connection Attempt Delay. After a failure with nothing in flight, the next
 * attempt starts at once. Without a delay when both ends dial at the same time, as DCUtR does (`initiator: false`).
 *
 * @param ms milliseconds between two starts, 0 or more. Default: 250
 * @throws InvalidPipelineError if `ms` is not a finite number of milliseconds
 */
export function stagger (ms: number = CONNECTION_ATTEMPT_DELAY): Stage<'candidates', 'candidates', 'stagger'> {
  checkArguments('stagger()', arguments, 1)
  checkValue('stagger()', ms, FINITE_MILLISECONDS)

  return makeRule('pace', 'stagger', ({ lastStart }, dial) => dial.options.initiator === false ? 0 : lastStart + ms)
}
