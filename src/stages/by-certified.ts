import { checkArguments } from '../pipeline/check-arguments.ts'
import { rank } from '../pipeline/authoring/rank.ts'
import type { Stage } from '../pipeline/types.ts'

/** Certified addresses first; keeps the order from above otherwise */
export function byCertified (): Stage<'candidates', 'candidates', 'by-certified'> {
  checkArguments('byCertified()', arguments)

  return rank('by-certified', (a, b) => Number(b.isCertified) - Number(a.isCertified))
}
