import { checkArguments } from '../src/pipeline/check-options.ts'
import { adaptive } from './adaptive.ts'

/** As `adaptive()`, with few needless dials, where the link or the battery is what is scarce: each has to save 100 ms */
export function frugal () {
  checkArguments('frugal()', arguments)

  return adaptive({ lambda: 100 })
}
