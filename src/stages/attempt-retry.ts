import { checkArguments, checkOptions, checkValue } from '../pipeline/check-options.ts'
import { doubledDelay, sleep } from '../pipeline/clock.ts'
import { isFinal, toError } from '../pipeline/errors.ts'
import { FINITE_MILLISECONDS, LIMIT } from '../pipeline/option-kinds.ts'
import type { AttemptLayer } from '../pipeline/types.ts'

export interface AttemptRetryInit {
  /** Milliseconds before the first retry. Each further retry doubles the delay @default 100 */
  delay?: number
}

/**
 * Creates an attempt layer that tries an address again after a failure. It does not retry final failures, such as a denial of the gater, a wrong
 * peer or an abort.
 *
 * ```ts
 * race({ attempt: [attemptRetry(1), attemptTimeout(6_000)] })
 * ```
 *
 * @param retries the number of retries, a whole number or Infinity
 * @throws InvalidPipelineError if `retries` is not a number of retries, and for an unknown or wrong option
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
