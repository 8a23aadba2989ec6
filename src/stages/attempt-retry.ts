import { checkArguments, checkOptions, checkValue } from '../pipeline/check-options.ts'
import { doubledDelay, sleep } from '../pipeline/clock.ts'
import { isFinal, toError } from '../pipeline/errors.ts'
import { FINITE_MILLISECONDS, LIMIT } from '../pipeline/option-kinds.ts'
import type { AttemptLayer } from '../pipeline/types.ts'

export interface AttemptRetryInit {
  /** Milliseconds before the first retry, doubled for each that follows @default 100 */
  delay?: number
}

/**
 * Tries one address again after it failed, up to `retries` times; not where that cannot help (the gater, the wrong peer, an abort)
 *
 * @throws InvalidPipelineError for what is not a number of retries, and an unknown or wrong option
 */
export function attemptRetry (retries: number, init: AttemptRetryInit = {}): AttemptLayer {
  checkArguments('attemptRetry()', arguments, 2)
  checkValue('attemptRetry()', retries, LIMIT, undefined, 'retries')
  checkOptions('attemptRetry()', init, { delay: FINITE_MILLISECONDS })
  const { delay = 100 } = init

  return next => async (candidate, options) => {
    for (let tries = 0; ; tries++) {
      try {
        return await next(candidate, options)
      } catch (err) {
        const error = toError(err)

        if (tries >= retries || isFinal(error) || options.signal.aborted) {
          throw error
        }
      }

      await sleep(doubledDelay(delay, tries), options.clock, options.signal)
    }
  }
}
