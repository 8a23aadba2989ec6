import { raceSignal } from 'race-signal'

/** Never throws: a `then` that cannot be read is none */
export function isThenable (value: unknown): value is PromiseLike<unknown> {
  try {
    return (typeof value === 'object' || typeof value === 'function') && typeof (value as PromiseLike<unknown> | null)?.then === 'function'
  } catch {
    return false
  }
}

export function isAsyncIterable (value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function'
}

/** Calls `onError` with what an answer rejects with, if it is a promise: an async function fits wherever an answer is not looked at */
export function catchRejection (answer: unknown, onError: (err: unknown) => void): void {
  if (isThenable(answer)) {
    // the constructor catches what a foreign `then` throws
    new Promise(resolve => { resolve(answer) }).catch(onError)
  }
}

/**
 * Waits for a foreign promise, or value, no longer than the signal allows. A promise that loses may reject later: that is
 * nobody's unhandled rejection.
 *
 * @throws what the promise rejects with; the signal's reason when that aborts first
 */
export async function settledOrAborted<T> (promise: T | PromiseLike<T>, signal: AbortSignal): Promise<T> {
  return raceSignal(Promise.resolve(promise), signal)
}
