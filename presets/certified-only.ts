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
 * Returns a preset that dials only addresses which the peer itself signed: those of a signed peer record, in the address book or the peer
 * store. An address of the caller is dialled if the record has it. Names in a record are not resolved, because nobody signed the answers.
 *
 * A node that listens on a relay's `/p2p-circuit` address cannot start with this preset: `provenance(['user', 'bootstrap', 'certified'])` lets it
 * dial the relay.
 *
 * An open connection answers a dial whatever address it was dialled over, unless the dial has the option `provenance`: pass
 * `{ provenance: ['certified'] }` to accept only one that was dialled over a signed address.
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
