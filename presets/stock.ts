import { checkArguments } from '../src/pipeline/check-options.ts'
import { dialable, fromCaller, fromKnown, fromRouting, gater, libp2pOrder, pipeline, provenance, race, resolve, sequential, take } from '../src/stages/index.ts'

/**
 * Returns a preset that dials as libp2p's own dialer does: the same addresses in the same order, one at a time.
 *
 * An open connection answers a dial whatever address it was dialled over, unless the dial has the option `provenance`
 */
export function stock () {
  checkArguments('stock()', arguments)

  return pipeline(
    fromCaller(),
    fromKnown({ when: 'empty' }),
    fromRouting({ when: 'empty' }),
    resolve(),
    provenance(),
    dialable(),
    gater(),
    libp2pOrder(),
    take(),
    sequential(),
    race()
  )
}
