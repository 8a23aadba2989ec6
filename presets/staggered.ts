import { checkArguments } from '../src/pipeline/check-options.ts'
import { pipeline } from '../src/pipeline/pipeline.ts'
import { dialable } from '../src/stages/dialable.ts'
import { fromCaller } from '../src/stages/from-caller.ts'
import { fromKnown } from '../src/stages/from-known.ts'
import { fromRouting } from '../src/stages/from-routing.ts'
import { gater } from '../src/stages/gater.ts'
import { libp2pOrder } from '../src/stages/libp2p-order.ts'
import { provenance } from '../src/stages/provenance.ts'
import { race } from '../src/stages/race.ts'
import { resolve } from '../src/stages/resolve.ts'
import { stagger } from '../src/stages/stagger.ts'
import { take } from '../src/stages/take.ts'

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
