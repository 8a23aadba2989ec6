import { FUNCTION, listOf, FINITE_MILLISECONDS, LIMIT, MILLISECONDS } from '../pipeline/option-kinds.ts'
import { checkArguments, checkOptions, checkValue } from '../pipeline/check-options.ts'
import { doubledDelay, sleep } from '../pipeline/clock.ts'
import { isFinal, toError } from '../pipeline/errors.ts'
import { TimeLimit } from '../pipeline/time-limit.ts'
import { formatAddresses } from '../pipeline/safe-text.ts'
import type { OptionKind } from '../pipeline/option-kinds.ts'
import type { AttemptLayer } from '../pipeline/types.ts'

/** A list of layers, with the error in place of each element that is not one */
export type AttemptLayers<L extends readonly unknown[]> = { readonly [K in keyof L]: FitLayer<L[K]> }

type FitLayer<X> = X extends AttemptLayer ? X : X extends (...args: any) => AttemptLayer ? 'this is a factory, not a layer: call it' : AttemptLayer

/** The factories of layers, which are no layers themselves. A type check cannot tell them apart: both are functions */
const FACTORIES = new Set<unknown>([attemptRetry, attemptTimeout])

const LAYER: OptionKind = {
  ...FUNCTION,
  test: value => FUNCTION.test(value) && !FACTORIES.has(value),
  advise: value => typeof value === 'function' ? `${value.name}()` : undefined
}

const LIST = listOf('functions that wrap an attempt', LAYER)

/** The kind of the layers around the attempts of a race. A factory that was not called would fail every attempt */
export const ATTEMPT_LAYERS: OptionKind = {
  ...LIST,
  advise: value => FUNCTION.test(value) && LAYER.test(value) ? '[attemptTimeout()]' : LIST.advise?.(value) ?? LAYER.advise?.(value)
}

export interface AttemptRetryInit {
  /** Milliseconds before the first retry. Each further retry doubles the delay @default 100 */
  delay?: number | undefined
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
          time.start(limit, options.clock, `No connection to ${formatAddresses([candidate.id])} after ${limit} ms`)
          options.onStart(at)
        }
      })
    } finally {
      time.end()
    }
  }
}
