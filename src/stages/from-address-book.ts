import { candidate } from '../pipeline/candidate.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { KNOWN_OPTIONS, sources } from '../pipeline/authoring/source.ts'
import { SOURCE } from '../pipeline/sources.ts'
import type { KnownOptions } from '../pipeline/authoring/source.ts'
import type { Candidate, Dial, Stage } from '../pipeline/types.ts'

/**
 * The addresses of the node's address book, with everything that it knows of who said so. None where the node has no book:
 * a pipeline with this stage and `fromPeerStore()` fits both. An address is left out that is only known because the peer connected from there.
 *
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function fromAddressBook (init: KnownOptions = {}): Stage<'target' | 'candidates', 'candidates', 'from-address-book'> {
  checkArguments('fromAddressBook()', arguments, 1)
  checkOptions('fromAddressBook()', init, KNOWN_OPTIONS)

  return sources('from-address-book', [bookedAddresses], { ...init, live: true }, { isOfBook: true, isLocal: true })
}

/** None where the node has no address book */
export function bookedAddresses ({ target: { peerId }, node: { addressBook } }: Dial): Candidate[] {
  if (peerId == null || addressBook == null) {
    return []
  }

  return addressBook.query(peerId)
    // whoever connects chooses where from: there nobody may listen
    .filter(({ provenance }) => provenance.length === 0 || provenance.some(({ source }) => source !== SOURCE.observed))
    .map(({ multiaddr, isCertified, provenance }) => candidate(multiaddr, peerId, { isCertified, provenance }))
}
