import { sift } from '../pipeline/sift.ts'
import type { StageInit } from '../pipeline/types.ts'

/** Keeps the first `n` of the list. Default: the node's `maxPeerAddrsToDial` */
export function take (n?: number): StageInit<'candidates', 'candidates', 'take'> {
  return sift('take', (candidates, _dial, { settings }) => {
    const most = n ?? settings.maxPeerAddrsToDial
    const first = new Set(candidates.slice(0, most))

    return candidate => first.has(candidate) || `not among the first ${most}`
  })
}
