import { checkArguments } from '../pipeline/check-options.ts'
import { makeFilter } from '../pipeline/authoring/filter.ts'
import type { Stage } from '../pipeline/types.ts'

/**
 * Creates a filter that drops banned peers, addresses and networks. Banned addresses are never attempted, with or without the stage: above
 * `take` or `resolve` it keeps them from using up the limits. Each address is judged once a run.
 */
export function bans (): Stage<'candidates', 'candidates', 'bans'> {
  checkArguments('bans()', arguments)

  return makeFilter('bans', (candidate, { node: { bans } }) => bans?.reasonFor(candidate) ?? true)
}
