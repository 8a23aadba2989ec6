import { checkArguments } from '../src/pipeline/check-options.ts'
import { byQuic } from '../src/stages/by-quic.ts'
import { converge } from '../src/stages/converge.ts'
import { staggered } from './staggered.ts'

/** QUIC before TCP, as Ethereum's consensus specification asks for; libp2p's own order otherwise */
export function quicFirst () {
  checkArguments('quicFirst()', arguments)

  return staggered().after('libp2p-order', byQuic()).after('race', converge())
}
