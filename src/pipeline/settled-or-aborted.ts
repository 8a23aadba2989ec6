import { raceSignal } from 'race-signal'

/**
 * Waits for a foreign promise, or value, no longer than the signal allows. A promise that loses may reject later: that is
 * nobody's unhandled rejection.
 *
 * @throws what the promise rejects with; the signal's reason when that aborts first
 */
export async function settledOrAborted<T> (promise: T | PromiseLike<T>, signal: AbortSignal): Promise<T> {
  return raceSignal(Promise.resolve(promise), signal)
}
