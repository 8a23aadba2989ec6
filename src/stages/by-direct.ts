import { checkArguments } from '../pipeline/check-options.ts'
import { makeRankBy } from '../pipeline/authoring/rank.ts'
import type { Stage } from '../pipeline/types.ts'

/** Creates a ranker that puts relayed addresses last. WebRTC signalled through a relay counts as direct. Equal addresses keep the order from above */
export function byDirect (): Stage<'candidates', 'candidates', 'by-direct'> {
  checkArguments('byDirect()', arguments)

  return makeRankBy('by-direct', ({ facts }) => Number(facts.isRelayed))
}
