import { checkValue } from './check-options.ts'
import { named } from './named.ts'
import { check } from './observe.ts'
import { MILLISECONDS } from './option-kinds.ts'
import { react, Work } from './react.ts'
import type { List, StageInit } from './types.ts'

/**
 * Waits for better answers: holds the list back until it is complete, or `ms` milliseconds have passed since there was
 * something in it (RFC 8305's Resolution Delay, for which it recommends 50). Waits once a dial.
 *
 * @throws InvalidPipelineError for what is not a number of milliseconds
 */
export function gather (ms: number): StageInit<'candidates', 'candidates', 'gather'> {
  checkValue('gather()', ms, MILLISECONDS)

  return check(named('gather', ['candidates'], 'candidates', () => ({
    run: async function * (source, dial) {
      const work = new Work()
      let open = false
      let cancel: (() => void) | undefined
      let resolve = (): void => {}

      function hold (): void {
        work.add(new Promise<void>(_resolve => { resolve = _resolve }))
        cancel = dial.clock.setTimeout(release, ms)
      }

      function release (): void {
        open = true
        cancel?.()
        resolve()
      }

      try {
        yield * react<List, List>(source, dial.signal, work, list => {
          if (!open && list.candidates.length > 0) {
            if (list.complete) {
              release()
            } else if (cancel == null) {
              hold()
            }
          }

          return open || list.complete ? list : { ...list, candidates: [] }
        })
      } finally {
        cancel?.()
      }
    }
  })))
}
