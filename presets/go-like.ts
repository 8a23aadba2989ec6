import { checkArguments } from '../src/pipeline/check-options.ts'
import { converge, dialable, fromCaller, fromKnown, fromRouting, gater, goDelays, goOrder, libp2pOrder, pipeline, provenance, race, resolve, take, unshadowed } from '../src/stages/index.ts'

/**
 * Returns a preset with the order and the delays of go-libp2p's dialer.
 *
 * An open connection answers a dial whatever address it was dialled over, unless the dial has the option `provenance`
 */
export function goLike () {
  checkArguments('goLike()', arguments)

  return pipeline(
    fromCaller(),
    fromKnown({ when: 'empty' }),
    fromRouting({ when: 'stale' }),
    resolve(),
    provenance(),
    dialable(),
    unshadowed(),
    gater(),
    // go-libp2p has no limit: with libp2p's, QUIC addresses that are blocked would keep all others from the dial
    libp2pOrder(),
    take(),
    goOrder(),
    goDelays(),
    race(),
    converge()
  )
}
