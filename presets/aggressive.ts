import { checkArguments } from '../src/pipeline/check-options.ts'
import { adaptive } from './adaptive.ts'

/** Creates the pipeline of `adaptive()` with more parallel dials, for a user who waits: one dial is worth 10 ms of waiting */
export function aggressive () {
  checkArguments('aggressive()', arguments)

  return adaptive({ costPerDial: 10 })
}
