import { checkArguments } from '../pipeline/check-arguments.ts'
import { rank } from '../pipeline/rank.ts'
import type { StageInit } from '../pipeline/types.ts'

/** Certified addresses first; keeps the order from above otherwise */
export function byCertified (): StageInit<'candidates', 'candidates', 'by-certified'> {
  checkArguments('byCertified()', arguments)

  return rank('by-certified', (a, b) => Number(b.isCertified) - Number(a.isCertified))
}
