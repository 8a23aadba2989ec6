import { checkArguments, checkValue } from '../pipeline/check-options.ts'
import { MILLISECONDS } from '../pipeline/option-kinds.ts'
import { TimeLimit } from '../pipeline/time-limit.ts'
import type { AttemptLayer } from '../pipeline/types.ts'

/**
 * Ends an attempt that has not connected `ms` milliseconds after it got its slot. Default: the node's `addressDialTimeout`
 *
 * @throws InvalidPipelineError for what is not a number of milliseconds
 */
export function attemptTimeout (ms?: number): AttemptLayer {
  checkArguments('attemptTimeout()', arguments, 1)
  if (ms !== undefined) {
    checkValue('attemptTimeout()', ms, MILLISECONDS)
  }

  return next => async (candidate, options) => {
    const limit = ms ?? options.timeout
    const time = new TimeLimit(options.signal)

    try {
      return await next(candidate, {
        ...options,
        signal: time.signal,
        onStart: at => {
          time.start(limit, options.clock, `No connection to ${candidate.id} after ${limit} ms`)
          options.onStart(at)
        }
      })
    } finally {
      // the signal of an attempt that has won must not abort: that would end its connection
      time.end()
    }
  }
}
