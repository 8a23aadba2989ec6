import { raceSignal } from 'race-signal'
import type { Clock } from '../pipeline/clock.ts'

/** Waits until a promise has settled, `ms` milliseconds at most. Resolves to false when it has not. Never rejects */
export async function settledWithin (promise: Promise<unknown>, ms: number, clock: Clock): Promise<boolean> {
  const timeout = new AbortController()
  const cancel = clock.setTimeout(() => { timeout.abort() }, ms)

  try {
    await raceSignal(promise, timeout.signal)
  } catch {
    return !timeout.signal.aborted
  } finally {
    cancel()
  }

  return true
}
