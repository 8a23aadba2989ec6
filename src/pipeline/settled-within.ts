import { anySignal } from 'any-signal'
import { raceSignal } from 'race-signal'
import type { Clock } from './clock.ts'

/**
 * Waits until a promise has settled, `ms` milliseconds at most, and no longer than the signal allows. Resolves to false when it has not.
 * Never rejects
 */
export async function settledWithin (promise: Promise<unknown>, ms: number, clock: Clock, signal?: AbortSignal): Promise<boolean> {
  const timeout = new AbortController()
  const either = anySignal([timeout.signal, signal])
  const cancel = clock.setTimeout(() => { timeout.abort() }, ms)

  try {
    await raceSignal(promise, either)
  } catch {
    return !either.aborted
  } finally {
    cancel()
    either.clear()
  }

  return true
}
