import { checkArguments } from '../src/pipeline/check-options.ts'
import { certified, dialable, fromCaller, fromKnown, gater, libp2pOrder, pipeline, provenance, race, stagger, take } from '../src/stages/index.ts'

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
