import { checkArguments } from '../pipeline/check-arguments.ts'
import { filter } from '../pipeline/filter.ts'
import type { StageInit } from '../pipeline/types.ts'

const DENIED = 'denied by connectionGater.denyDialMultiaddr'

/** Asks the node's connection gater about each address, and its bans */
export function gater (): StageInit<'candidates', 'candidates', 'gater'> {
  checkArguments('gater()', arguments)

  return filter('gater', (candidate, dial, { bans }) => {
    const allowed = dial.gate(candidate)

    return typeof allowed === 'boolean' ? allowed || (bans?.reasonFor(candidate) ?? DENIED) : allowed.then(answer => answer || DENIED)
  })
}
