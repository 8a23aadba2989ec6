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
    // take() keeps the first ones in libp2p's order: in go-libp2p's order, blocked QUIC addresses could leave no place for others
    libp2pOrder(),
    take(),
    goOrder(),
    goDelays(),
    race(),
    converge()
  )
}
