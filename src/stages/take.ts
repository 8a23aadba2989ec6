import { keepUnless, listStage } from '../pipeline/authoring/list-stage.ts'
import { checkArguments, checkValue } from '../pipeline/check-options.ts'
import { LIMIT } from '../pipeline/option-kinds.ts'
import type { Stage } from '../pipeline/types.ts'

/**
 * Keeps the first `n` of the list. Default: the node's `maxPeerAddrsToDial`
 *
 * @throws InvalidPipelineError for what is not a whole number
 */
export function take (n?: number): Stage<'candidates', 'candidates', 'take'> {
  checkArguments('take()', arguments, 1)
  if (n !== undefined) {
    checkValue('take()', n, LIMIT)
  }

  return listStage('take', (dial, work) => {
    const most = n ?? dial.node.settings.maxPeerAddrsToDial

    return ({ candidates }) => {
      if (candidates.length <= most) {
        return candidates
      }

      // what was tried stays, or each that sinks in the order would let in another
      const tried = candidates.filter(one => dial.everTried(one))
      const first = new Set([...new Set([...tried, ...candidates])].slice(0, Math.max(most, tried.length)))

      return keepUnless(candidates, work, one => first.has(one) ? undefined : `not among the first ${most}`)
    }
  }, { role: 'limit' })
}
