import { checkArguments } from '../src/pipeline/check-options.ts'
import { byQuic, converge } from '../src/stages/index.ts'
import { staggered } from './staggered.ts'

/** Returns a preset that dials QUIC first, as Ethereum's consensus specification asks for. Other addresses keep libp2p's order */
export function quicFirst () {
  checkArguments('quicFirst()', arguments)

  return staggered().after('take', byQuic()).after('race', converge())
}
