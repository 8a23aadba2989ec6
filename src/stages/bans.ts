import { checkArguments } from '../pipeline/check-options.ts'
import { filtering } from '../pipeline/authoring/filter.ts'
import type { Stage } from '../pipeline/types.ts'

/**
 * Drops what is banned: peers, addresses and networks. Banned addresses are not attempted whatever the pipeline is; above
 * `take` or `resolve` this keeps them from taking up room. Decided once a dial
 */
export function bans (): Stage<'candidates', 'candidates', 'bans'> {
  checkArguments('bans()', arguments)

  return filtering('bans', (candidate, { node: { bans } }) => bans?.reasonFor(candidate) ?? true)
}
