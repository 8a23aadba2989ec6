import { candidate } from '../pipeline/candidate.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { KNOWN_OPTIONS, makeSource } from '../pipeline/authoring/source.ts'
import { SOURCE } from '../pipeline/sources.ts'
import type { KnownOptions } from '../pipeline/authoring/source.ts'
import type { Candidate, Dial, Stage } from '../pipeline/types.ts'

/**
 * Creates a source that adds the addresses in the node's address book, with all their reports. Without a book it finds none: a pipeline with this stage
 * and `fromPeerStore()` fits both kinds of nodes. It leaves out addresses that are only known because the peer connected from there.
 *
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function fromAddressBook (init: KnownOptions = {}): Stage<'target' | 'candidates', 'candidates', 'from-address-book'> {
  checkArguments('fromAddressBook()', arguments, 1)
  checkOptions('fromAddressBook()', init, KNOWN_OPTIONS)

  return makeSource('from-address-book', [bookedAddresses], { ...init, live: true }, { isOfBook: true, isLocal: true })
}

/** Returns the addresses of the dialled peer in the node's address book. Empty without a book */
export function bookedAddresses ({ target: { peerId }, node: { addressBook } }: Dial): Candidate[] {
  if (peerId == null || addressBook == null) {
    return []
  }

  return addressBook.query(peerId)
    // a remote peer chooses the address that it connects from, and need not listen there
    .filter(({ provenance }) => provenance.length === 0 || provenance.some(({ source }) => source !== SOURCE.observed))
    .map(({ multiaddr, isCertified, provenance }) => candidate(multiaddr, peerId, { isCertified, provenance }))
}
