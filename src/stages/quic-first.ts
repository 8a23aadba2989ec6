import { checkArguments } from '../pipeline/check-arguments.ts'
import { rankBy } from '../pipeline/authoring/rank-by.ts'
import type { Stage } from '../pipeline/types.ts'

/** QUIC first, as Ethereum's consensus specification asks for; keeps the order from above otherwise */
export function quicFirst (): Stage<'candidates', 'candidates', 'quic-first'> {
  checkArguments('quicFirst()', arguments)

  return rankBy('quic-first', ({ facts }) => Number(facts.transport !== 'quic-v1'))
}
