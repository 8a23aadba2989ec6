import { merge, claimOf } from '../pipeline/candidate.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { KNOWN_OPTIONS, makeSource } from '../pipeline/authoring/source.ts'
import { bookedAddresses } from './from-address-book.ts'
import { storedAddresses } from './from-peer-store.ts'
import type { KnownOptions } from '../pipeline/authoring/source.ts'
import type { Candidate, Dial, Stage } from '../pipeline/types.ts'

/**
 * Creates a source that adds all addresses that the node knows of the peer, from its address book and its peer store. For an address in both, the reports
 * are those of the book.
 *
 * @param init.when `always`: at once. `empty`: if the list above is empty. `exhausted`: if all addresses above were dropped, have failed, or
 * are silent for long. Default: 'always'
 * @param init.limit the maximum number of addresses from each of the two. Default: 256
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function fromKnown (init: KnownOptions = {}): Stage<'target' | 'candidates', 'candidates', 'from-known'> {
  checkArguments('fromKnown()', arguments, 1)
  checkOptions('fromKnown()', init, KNOWN_OPTIONS)

  return makeSource('from-known', [bookedAddresses, storedBesides], { ...init, live: true }, { isOfBook: true, isLocal: true })
}

/** Finds the addresses in the peer store. An address with reports in the book gets no report of the peer store */
async function * storedBesides (dial: Dial): AsyncGenerator<Candidate> {
  let booked: Map<string, Candidate> | undefined

  for await (const one of storedAddresses(dial)) {
    // read once, after the peer store has answered: the book sorts its addresses at each query
    booked ??= reportedById(dial)

    // a report lasts to the end of the dial: if it expired, the address would remain without a source
    const known = booked.get(one.id)
    yield known == null ? one : known.isCertified || claimOf(one) == null ? known : merge(known, one)
  }
}

function reportedById (dial: Dial): Map<string, Candidate> {
  try {
    return new Map(bookedAddresses(dial).filter(({ provenance }) => provenance.length > 0).map(one => [one.id, one]))
  } catch {
    // ignored: `bookedAddresses`, the other source of this stage, fails with the same error and logs it
    return new Map()
  }
}
