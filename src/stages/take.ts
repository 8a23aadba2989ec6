import { checkValue } from '../pipeline/check-options.ts'
import { asLimit } from '../pipeline/dial-policy.ts'
import { LIMIT } from '../pipeline/option-kinds.ts'
import { sift } from '../pipeline/sift.ts'
import type { StageInit } from '../pipeline/types.ts'

/**
 * Keeps the first `n` of the list. Default: the node's `maxPeerAddrsToDial`
 *
 * @throws InvalidPipelineError for what is not a whole number
 */
export function take (n?: number): StageInit<'candidates', 'candidates', 'take'> {
  if (n !== undefined) {
    checkValue('take()', n, LIMIT)
  }

  return asLimit(sift('take', (candidates, _dial, { settings }) => {
    const most = n ?? settings.maxPeerAddrsToDial
    const first = new Set(candidates.slice(0, most))

    return candidate => first.has(candidate) || `not among the first ${most}`
  }))
}
