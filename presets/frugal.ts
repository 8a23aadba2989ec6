import { checkArguments } from '../src/pipeline/check-options.ts'
import { adaptive } from './adaptive.ts'

/** Returns `adaptive()` with fewer dials, for a slow link or a battery: one more dial has to save 100 ms */
export function frugal () {
  checkArguments('frugal()', arguments)

  return adaptive({ costPerDial: 100 })
}
