import { checkArguments } from '../pipeline/check-options.ts'
import { makeFilter } from '../pipeline/authoring/filter.ts'
import type { Stage } from '../pipeline/types.ts'

const DENIED = 'denied by connectionGater.denyDialMultiaddr'

/** Creates a filter that drops addresses which the node's connection gater denies, or which are banned */
export function gater (): Stage<'candidates', 'candidates', 'gater'> {
  checkArguments('gater()', arguments)

  return makeFilter('gater', (candidate, dial) => {
    const { bans } = dial.node
    const allowed = dial.part.host.judgements.gate(candidate)

    return typeof allowed === 'boolean' ? allowed || (bans?.reasonFor(candidate) ?? DENIED) : allowed.then(answer => answer || DENIED)
  })
}
