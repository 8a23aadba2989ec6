import { checkArguments } from '../src/pipeline/check-options.ts'
import { pipeline } from '../src/pipeline/pipeline.ts'
import { certified } from '../src/stages/certified.ts'
import { dialable } from '../src/stages/dialable.ts'
import { fromCaller } from '../src/stages/from-caller.ts'
import { fromKnown } from '../src/stages/from-known.ts'
import { gater } from '../src/stages/gater.ts'
import { libp2pOrder } from '../src/stages/libp2p-order.ts'
import { provenance } from '../src/stages/provenance.ts'
import { race } from '../src/stages/race.ts'
import { stagger } from '../src/stages/stagger.ts'
import { take } from '../src/stages/take.ts'

/**
 * Dials only addresses that the peer itself signed: those of a signed peer record, in the address book or the peer store. An address that a
 * caller passes is dialled if it is one of them. Names in such a record are not resolved: nobody signed the answers. A node that
 * listens on a relay's `/p2p-circuit` address cannot start with it: `provenance(['user', 'bootstrap', 'certified'])` lets it dial the relay.
 *
 * An open connection answers a dial whatever address it was dialled over, unless the dial has the option `provenance`: pass
 * `{ provenance: ['certified'] }` for one that was dialled over a signed address.
 */
export function certifiedOnly () {
  checkArguments('certifiedOnly()', arguments)

  return pipeline(
    fromKnown(),
    fromCaller(),
    certified(),
    provenance(),
    dialable(),
    gater(),
    libp2pOrder(),
    take(),
    stagger(),
    race()
  )
}
