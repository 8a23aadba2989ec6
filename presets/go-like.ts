import { checkArguments } from '../src/pipeline/check-options.ts'
import { pipeline } from '../src/pipeline/pipeline.ts'
import { converge } from '../src/stages/converge.ts'
import { dialable } from '../src/stages/dialable.ts'
import { unshadowed } from '../src/stages/unshadowed.ts'
import { fromCaller } from '../src/stages/from-caller.ts'
import { fromKnown } from '../src/stages/from-known.ts'
import { fromRouting } from '../src/stages/from-routing.ts'
import { gater } from '../src/stages/gater.ts'
import { goDelays } from '../src/stages/go-delays.ts'
import { goOrder } from '../src/stages/go-order.ts'
import { provenance } from '../src/stages/provenance.ts'
import { race } from '../src/stages/race.ts'
import { resolve } from '../src/stages/resolve.ts'
import { take } from '../src/stages/take.ts'

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
    goOrder(),
    take(),
    goDelays(),
    race(),
    converge()
  )
}
