import { listStage } from './list-stage.ts'
import { checkArguments, checkValue } from '../check-options.ts'
import { MILLISECONDS } from '../option-kinds.ts'
import type { Stage, Timer } from '../types.ts'

const OPEN: Timer = { done: true, end: () => {} }

/**
 * Creates a stage that waits for better addresses, and for the scores of `byReputation()`. It holds the list back until no stage above has
 * pending work, or until `ms` milliseconds have passed since the first candidate arrived. It waits once in a run. RFC 8305 calls this the
 * Resolution Delay and recommends 50 ms.
 *
 * @param ms the longest wait in milliseconds, 0 or more
 * @throws InvalidPipelineError if `ms` is not a number of milliseconds
 */
export function gather (ms: number): Stage<'candidates', 'candidates', 'gather'> {
  checkArguments('gather()', arguments, 1)
  checkValue('gather()', ms, MILLISECONDS)

  return listStage('gather', (_dial, work) => {
    let open: Timer | undefined

    return ({ candidates, isSettled = false }) => {
      if (candidates.length > 0) {
        open ??= isSettled ? OPEN : work.after(ms)
      }

      if (isSettled) {
        open?.end()
      }

      return isSettled || open?.done === true ? candidates : []
    }
  })
}
