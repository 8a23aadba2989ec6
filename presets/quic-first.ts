import { checkArguments } from '../src/pipeline/check-arguments.ts'
import { quicFirst as quicAddresses } from '../src/stages/quic-first.ts'
import { staggered } from './staggered.ts'

/** QUIC before TCP, as Ethereum's consensus specification asks for; libp2p's own order otherwise */
export function quicFirst () {
  checkArguments('quicFirst()', arguments)

  return staggered().after('libp2p-order', quicAddresses())
}
