import { checkArguments } from '../pipeline/check-options.ts'
import { isUnproven } from '../pipeline/candidate.ts'
import { filter } from '../pipeline/authoring/filter.ts'
import type { Stage } from '../pipeline/types.ts'

/**
 * Creates a filter that keeps addresses in a record which the peer signed. It acts on the addresses from above. The node verifies the signature:
 * the flag `isCertified` in the peer store is not enough.
 */
export function certified (): Stage<'candidates', 'candidates', 'certified'> {
  checkArguments('certified()', arguments)

  return filter('certified', candidate => candidate.isCertified || (isUnproven(candidate) ? 'the peer store calls it certified, and has no signed record that names it' : 'not in a signed peer record'))
}
