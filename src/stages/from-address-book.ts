import { candidate } from '../pipeline/candidate.ts'
import { source } from '../pipeline/source.ts'
import type { SourceOptions } from '../pipeline/source.ts'
import type { Candidate, Dial, DialComponents, StageInit } from '../pipeline/types.ts'

/**
 * The addresses of the node's address book, with everything that it knows of who said so. None where the node has no book:
 * a pipeline with this stage and `fromPeerStore()` fits both
 */
export function fromAddressBook ({ when }: Pick<SourceOptions, 'when'> = {}): StageInit<'target' | 'candidates', 'candidates', 'from-address-book'> {
  return source('from-address-book', bookedAddresses, { when })
}

/** None where the node has no address book */
export function bookedAddresses ({ target: { peerId } }: Dial, { addressBook }: DialComponents): Candidate[] {
  if (peerId == null || addressBook == null) {
    return []
  }

  return addressBook.query(peerId).map(({ multiaddr, isCertified, provenance }) => candidate(multiaddr, peerId, { isCertified, provenance }))
}
