import { checkArguments } from '../src/pipeline/check-options.ts'
import { adaptive } from './adaptive.ts'

/** As `adaptive()`, with more dials at the same time, where somebody waits: each has to save 10 ms */
export function aggressive () {
  checkArguments('aggressive()', arguments)

  return adaptive({ lambda: 10 })
}
