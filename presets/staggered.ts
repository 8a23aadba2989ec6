import { checkArguments } from '../src/pipeline/check-options.ts'
import { dialable, fromCaller, fromKnown, fromRouting, gater, libp2pOrder, pipeline, provenance, race, resolve, stagger, take } from '../src/stages/index.ts'

/**
 * Returns a preset with the addresses and the order of libp2p's own dialer, and a race: the next attempt starts 250 ms after the previous one.
 *
 * An open connection answers a dial whatever address it was dialled over, unless the dial has the option `provenance`
 */
export function staggered () {
  checkArguments('staggered()', arguments)

  return pipeline(
    fromCaller(),
    fromKnown({ when: 'empty' }),
    fromRouting({ when: 'stale' }),
    resolve(),
    provenance(),
    dialable(),
    gater(),
    libp2pOrder(),
    take(),
    stagger(),
    race()
  )
}
