import { checkArguments, checkValue } from '../pipeline/check-options.ts'
import { MILLISECONDS } from '../pipeline/option-kinds.ts'
import { TimeLimit } from '../pipeline/time-limit.ts'
import type { AttemptLayer } from '../pipeline/types.ts'

/**
 * Creates an attempt layer that fails an attempt `ms` milliseconds after it got its slot, with a TimeoutError
 *
 * @param ms milliseconds from the slot to the timeout, 0 or more, or Infinity. Default: the node's `addressDialTimeout`
 * @throws InvalidPipelineError if `ms` is not a number of milliseconds
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
      // the signal of a successful attempt must not abort: its connection would be closed
      time.end()
    }
  }
}
