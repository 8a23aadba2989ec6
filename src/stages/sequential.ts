import { checkArguments } from '../pipeline/check-options.ts'
import { makeRule } from '../pipeline/authoring/pace.ts'
import type { Stage } from '../pipeline/types.ts'

/** Creates a pace that allows one attempt at a time: the next one starts when the previous one has failed */
export function sequential (): Stage<'candidates', 'candidates', 'sequential'> {
  checkArguments('sequential()', arguments)

  return makeRule('pace', 'sequential', () => Infinity)
}
