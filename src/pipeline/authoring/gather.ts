import { listStage } from './list-stage.ts'
import { checkArguments, checkValue } from '../check-options.ts'
import { MILLISECONDS } from '../option-kinds.ts'
import type { Stage, Timer } from '../types.ts'

const OPEN: Timer = { done: true, end: () => {} }

/**
 * Waits for better answers: holds the list back until it is complete, or `ms` milliseconds have passed since there was
 * something in it (RFC 8305's Resolution Delay, for which it recommends 50). Waits once a dial.
 *
 * @throws InvalidPipelineError for what is not a number of milliseconds
 */
export function gather (ms: number): Stage<'candidates', 'candidates', 'gather'> {
  checkArguments('gather()', arguments, 1)
  checkValue('gather()', ms, MILLISECONDS)

  return listStage('gather', (_dial, work) => {
    let open: Timer | undefined

    return ({ candidates, complete }) => {
      if (candidates.length > 0) {
        open ??= complete ? OPEN : work.after(ms)
      }

      if (complete) {
        open?.end()
      }

      return complete || open?.done === true ? candidates : []
    }
  })
}
