import { checkArguments } from '../pipeline/check-options.ts'
import { rankBy } from '../pipeline/authoring/rank.ts'
import type { Stage } from '../pipeline/types.ts'

/** Creates a ranker that puts certified addresses first. Equal addresses keep the order from above */
export function byCertified (): Stage<'candidates', 'candidates', 'by-certified'> {
  checkArguments('byCertified()', arguments)

  return rankBy('by-certified', ({ isCertified }) => Number(!isCertified))
}
