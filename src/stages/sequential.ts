import { checkArguments } from '../pipeline/check-arguments.ts'
import { pace } from '../pipeline/pace.ts'
import type { StageInit } from '../pipeline/types.ts'

/** One attempt at a time: the next when the one before has failed */
export function sequential (): StageInit<'candidates', 'candidates', 'sequential'> {
  checkArguments('sequential()', arguments)

  return pace('sequential', () => ({ untried: [candidate], inFlight, now }) => {
    return candidate == null || inFlight.length > 0 ? undefined : { candidate, at: now }
  })
}
