import { TimeoutError } from '@libp2p/interface'
import { anySignal } from 'any-signal'
import { checkArguments, checkValue } from '../pipeline/check-options.ts'
import { MILLISECONDS } from '../pipeline/option-kinds.ts'
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
    const controller = new AbortController()
    // clearable, because aborting the signal of an attempt that won would end its connection
    const signal = anySignal([options.signal, controller.signal])
    let cancel: (() => void) | undefined

    try {
      return await next(candidate, {
        ...options,
        signal,
        onStart: at => {
          cancel ??= options.clock.setTimeout(() => {
            controller.abort(new TimeoutError(`No connection to ${candidate.id} after ${limit} ms`))
          }, limit)
          options.onStart(at)
        }
      })
    } finally {
      cancel?.()
      signal.clear()
    }
  }
}
