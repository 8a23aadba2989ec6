import { checkArguments } from '../src/pipeline/check-options.ts'
import { adaptive } from './adaptive.ts'

/** Creates the pipeline of `adaptive()` with fewer dials, for a slow link or a battery: one dial is worth 100 ms of waiting */
export function frugal () {
  checkArguments('frugal()', arguments)

  return adaptive({ costPerDial: 100 })
}
