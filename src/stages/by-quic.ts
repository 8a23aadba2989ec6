import { checkArguments } from '../pipeline/check-options.ts'
import { rankingBy } from '../pipeline/authoring/rank.ts'
import type { Stage } from '../pipeline/types.ts'

/** QUIC first, as Ethereum's consensus specification asks for; keeps the order from above otherwise */
export function byQuic (): Stage<'candidates', 'candidates', 'by-quic'> {
  checkArguments('byQuic()', arguments)

  return rankingBy('by-quic', ({ facts }) => Number(facts.transport !== 'quic-v1'))
}
