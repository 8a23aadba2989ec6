import { adaptive } from './adaptive.ts'

/** As `adaptive()`, with few needless dials, where the link or the battery is what is scarce: each has to save 100 ms */
export function frugal () {
  return adaptive({ lambda: 100 })
}
