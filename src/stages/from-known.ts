import { merge } from '../pipeline/candidate.ts'
import { claimOf } from '../pipeline/claim.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { KNOWN_OPTIONS, sources } from '../pipeline/authoring/source.ts'
import { bookedAddresses } from './from-address-book.ts'
import { storedAddresses } from './from-peer-store.ts'
import type { KnownOptions } from '../pipeline/authoring/source.ts'
import type { Candidate, Dial, Stage } from '../pipeline/types.ts'

/**
 * All addresses of the peer that the node knows: those of its address book, where it has one, and those of its peer store. Of
 * an address that both have, the book says who reported it. `when` says at what point: `always` at once, `empty` when there is
 * none above, `exhausted` when all above were dropped, have failed, or are silent for long. `limit` says how many of each: 256 if nothing is said.
 *
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function fromKnown (init: KnownOptions = {}): Stage<'target' | 'candidates', 'candidates', 'from-known'> {
  checkArguments('fromKnown()', arguments, 1)
  checkOptions('fromKnown()', init, KNOWN_OPTIONS)

  return sources('from-known', [bookedAddresses, storedBesides], { ...init, live: true }, { isOfBook: true, isLocal: true })
}

/** Whoever reports an address has it in the peer store too: that it is there is no further report */
async function * storedBesides (dial: Dial): AsyncGenerator<Candidate> {
  let booked: Map<string, Candidate> | undefined

  for await (const one of storedAddresses(dial)) {
    // read after the peer store has answered, once: the book sorts what it has of the peer each time
    booked ??= reportedById(dial)

    // a report counts to the end of the dial: after it has expired, the address would still be there, with nobody who named it
    const known = booked.get(one.id)
    yield known == null ? one : known.isCertified || claimOf(one) == null ? known : merge(known, one)
  }
}

function reportedById (dial: Dial): Map<string, Candidate> {
  try {
    return new Map(bookedAddresses(dial).filter(({ provenance }) => provenance.length > 0).map(one => [one.id, one]))
  } catch {
    // the book's own source says so
    return new Map()
  }
}
