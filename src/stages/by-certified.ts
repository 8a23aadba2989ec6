import { checkArguments } from '../pipeline/check-options.ts'
import { rankBy } from '../pipeline/authoring/rank.ts'
import type { Stage } from '../pipeline/types.ts'

/** Certified addresses first; keeps the order from above otherwise */
export function byCertified (): Stage<'candidates', 'candidates', 'by-certified'> {
  checkArguments('byCertified()', arguments)

  return rankBy('by-certified', ({ isCertified }) => Number(!isCertified))
}
