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
import { sequential } from '../src/stages/sequential.ts'
import { take } from '../src/stages/take.ts'

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
