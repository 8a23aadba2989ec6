import pRetry from 'p-retry'
import { checkOptions, checkValue } from '../pipeline/check-options.ts'
import { sleep } from '../pipeline/clock.ts'
import { isFinal, toError } from '../pipeline/errors.ts'
import { FINITE_MILLISECONDS, LIMIT } from '../pipeline/option-kinds.ts'
import type { AttemptLayer } from '../pipeline/types.ts'

export interface AttemptRetryInit {
  /** Milliseconds before the first retry, doubled for each that follows @default 100 */
  delay?: number
}

/** What an attempt failed with, in a wrapper: p-retry takes a TypeError for a fault of the program, and gives up */
class Failure extends Error {
  readonly error: Error

  constructor (error: Error) {
    super(error.message)
    this.error = error
  }
}

/**
 * Tries one address again after it failed, up to `retries` times; not where that cannot help (the gater, the wrong peer, an abort)
 *
 * @throws InvalidPipelineError for what is not a number of retries, and an unknown or wrong option
 */
export function attemptRetry (retries: number, init: AttemptRetryInit = {}): AttemptLayer {
  checkValue('attemptRetry()', retries, LIMIT, undefined, 'retries')
  checkOptions('attemptRetry()', init, { delay: FINITE_MILLISECONDS })
  const { delay = 100 } = init

  return next => async (candidate, options) => {
    const canHelp = (thrown: Error): boolean => thrown instanceof Failure && !isFinal(thrown.error) && !options.signal.aborted

    try {
      return await pRetry(async () => {
        try {
          return await next(candidate, options)
        } catch (err) {
          throw new Failure(toError(err))
        }
      }, {
        retries,
        // the waits are on the dial's clock
        minTimeout: 0,
        // it is not given the signal: it would look at it after a success too, and lose the connection
        shouldRetry: ({ error }) => canHelp(error),
        onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
          if (retriesLeft > 0 && canHelp(error)) {
            await sleep(delay * 2 ** (attemptNumber - 1), options.clock, options.signal)
          }
        }
      })
    } catch (err) {
      throw err instanceof Failure ? err.error : err
    }
  }
}
