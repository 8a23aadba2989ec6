import { checkArguments } from '../pipeline/check-options.ts'
import { isUnproven } from '../pipeline/claim.ts'
import { filter } from '../pipeline/authoring/filter.ts'
import type { Stage } from '../pipeline/types.ts'

/**
 * Keeps addresses that came in a record which the peer signed; acts on what stands above it. The node verifies the signature: that the peer
 * store calls an address certified is not enough
 */
export function certified (): Stage<'candidates', 'candidates', 'certified'> {
  checkArguments('certified()', arguments)

  return filter('certified', candidate => candidate.isCertified || (isUnproven(candidate) ? 'the peer store calls it certified, and has no signed record that names it' : 'not in a signed peer record'))
}
