import { checkArguments } from '../pipeline/check-options.ts'
import { isUnproven } from '../pipeline/candidate.ts'
import { filter } from '../pipeline/authoring/filter.ts'
import type { Candidate, Dial, Stage } from '../pipeline/types.ts'

/**
 * Creates a filter that keeps addresses in a record which the peer signed. It acts on the addresses from above. The node verifies the signature:
 * the flag `isCertified` in the peer store is not enough. A dial of an address without a peer id has no record to look at, and fails.
 */
export function certified (): Stage<'candidates', 'candidates', 'certified'> {
  checkArguments('certified()', arguments)

  return filter('certified', (candidate, dial) => candidate.isCertified || whyUncertified(candidate, dial))
}

function whyUncertified (candidate: Candidate, { target: { peerId } }: Dial): string {
  if (peerId == null) {
    return 'the dial names no peer: add /p2p/<peer id>, or dial the peer id'
  }

  return isUnproven(candidate) ? 'the peer store calls it certified, and has no signed record that names it' : 'not in a signed peer record'
}
