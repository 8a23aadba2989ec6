import { checkArguments } from '../pipeline/check-options.ts'
import { rankingBy } from '../pipeline/authoring/rank.ts'
import type { Stage } from '../pipeline/types.ts'

/** Addresses behind a relay last (WebRTC that is only signalled through one is not); keeps the order from above otherwise */
export function byDirect (): Stage<'candidates', 'candidates', 'by-direct'> {
  checkArguments('byDirect()', arguments)

  return rankingBy('by-direct', ({ facts }) => Number(facts.isRelayed))
}
