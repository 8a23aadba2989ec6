import { candidate } from '../pipeline/candidate.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { sources, WHEN } from '../pipeline/authoring/source.ts'
import type { SourceOptions } from '../pipeline/authoring/source.ts'
import type { Candidate, Dial, Stage } from '../pipeline/types.ts'

/**
 * The addresses of the node's address book, with everything that it knows of who said so. None where the node has no book:
 * a pipeline with this stage and `fromPeerStore()` fits both
 *
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function fromAddressBook (init: Pick<SourceOptions, 'when'> = {}): Stage<'target' | 'candidates', 'candidates', 'from-address-book'> {
  checkArguments('fromAddressBook()', arguments, 1)
  checkOptions('fromAddressBook()', init, { when: WHEN })

  return sources('from-address-book', [bookedAddresses], { ...init, live: true }, { isOfBook: true, isLocal: true })
}

/** None where the node has no address book */
export function bookedAddresses ({ target: { peerId }, node: { addressBook } }: Dial): Candidate[] {
  if (peerId == null || addressBook == null) {
    return []
  }

  return addressBook.query(peerId).map(({ multiaddr, isCertified, provenance }) => candidate(multiaddr, peerId, { isCertified, provenance }))
}
