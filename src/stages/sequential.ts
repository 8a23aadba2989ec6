import { checkArguments } from '../pipeline/check-options.ts'
import { ruling } from '../pipeline/authoring/pace.ts'
import type { Stage } from '../pipeline/types.ts'

/** One attempt at a time: the next when the one before has failed */
export function sequential (): Stage<'candidates', 'candidates', 'sequential'> {
  checkArguments('sequential()', arguments)

  return ruling('pace', 'sequential', () => Infinity)
}
