import { describeValue } from '../pipeline/describe-value.ts'
import { InvalidPipelineError } from '../pipeline/errors.ts'
import { sift } from '../pipeline/sift.ts'
import type { StageInit } from '../pipeline/types.ts'

/**
 * Keeps the first `n` of the list. Default: the node's `maxPeerAddrsToDial`
 *
 * @throws InvalidPipelineError for what is no number of addresses
 */
export function take (n?: number): StageInit<'candidates', 'candidates', 'take'> {
  if (n != null && !(n >= 0 && (Number.isInteger(n) || n === Infinity))) {
    throw new InvalidPipelineError(`take() needs a whole number, not ${describeValue(n)}`)
  }

  return sift('take', (candidates, _dial, { settings }) => {
    const most = n ?? settings.maxPeerAddrsToDial
    const first = new Set(candidates.slice(0, most))

    return candidate => first.has(candidate) || `not among the first ${most}`
  })
}
