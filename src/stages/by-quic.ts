import { checkArguments } from '../pipeline/check-options.ts'
import { makeRankBy } from '../pipeline/authoring/rank.ts'
import type { Stage } from '../pipeline/types.ts'

/** Creates a ranker that puts QUIC v1 first, as Ethereum's consensus specification asks for. Equal addresses keep the order from above */
export function byQuic (): Stage<'candidates', 'candidates', 'by-quic'> {
  checkArguments('byQuic()', arguments)

  return makeRankBy('by-quic', ({ facts }) => Number(facts.transport !== 'quic-v1'))
}
