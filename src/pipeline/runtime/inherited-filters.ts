import { makeStage } from './make-stage.ts'
import type { DialPolicy } from '../dial-policy.ts'
import type { AnyStage } from '../types.ts'

/**
 * A list stage that applies the policy of another dial, with the options of that dial. The address that the other dial's address has
 * within it, as the one of a relay, is judged by the filters that the other's has passed. Any other is judged by the bypassed ones too
 */
export function inheritedFilters (policy: DialPolicy): AnyStage {
  return makeStage({ name: 'inherited', accepts: ['candidates'], yields: 'candidates' }, { kind: 'inherited', policy })
}
