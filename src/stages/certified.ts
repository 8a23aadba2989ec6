import { checkArguments } from '../pipeline/check-options.ts'
import { filter } from '../pipeline/authoring/filter.ts'
import type { Stage } from '../pipeline/types.ts'

/** Keeps addresses that came in a record which the peer signed; acts on what stands above it */
export function certified (): Stage<'candidates', 'candidates', 'certified'> {
  checkArguments('certified()', arguments)

  return filter('certified', candidate => candidate.isCertified || 'not in a signed peer record')
}
