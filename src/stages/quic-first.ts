import { QUIC_V1 } from '@multiformats/multiaddr-matcher'
import { checkArguments } from '../pipeline/check-arguments.ts'
import { rank } from '../pipeline/authoring/rank.ts'
import type { Stage } from '../pipeline/types.ts'

/** QUIC first, as Ethereum's consensus specification asks for; keeps the order from above otherwise */
export function quicFirst (): Stage<'candidates', 'candidates', 'quic-first'> {
  checkArguments('quicFirst()', arguments)

  return rank('quic-first', (a, b) => Number(QUIC_V1.exactMatch(b.multiaddr)) - Number(QUIC_V1.exactMatch(a.multiaddr)))
}
