import { TimeoutError } from '@libp2p/interface'
import { anySignal } from 'any-signal'
import type { Clock } from '../pipeline/clock.ts'

/** Runs `fn` with a signal that aborts with one of `signals`, or after `ms` milliseconds */
export async function within<T> (clock: Clock, ms: number, signals: Array<AbortSignal | null | undefined>, fn: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const timeout = new AbortController()
  const cancel = clock.setTimeout(() => { timeout.abort(new TimeoutError(`No answer after ${ms} ms`)) }, ms)
  const signal = anySignal([...signals, timeout.signal])

  try {
    return await fn(signal)
  } finally {
    cancel()
    signal.clear()
  }
}
