import { checkArguments } from '../src/pipeline/check-options.ts'
import { adaptive } from './adaptive.ts'

/** Returns `adaptive()` with more dials at the same time, for a node whose user waits: one more dial has to save 10 ms */
export function aggressive () {
  checkArguments('aggressive()', arguments)

  return adaptive({ costPerDial: 10 })
}
