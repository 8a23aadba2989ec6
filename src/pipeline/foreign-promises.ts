import { raceSignal } from 'race-signal'
import type { Candidate, Dial, Work } from './types.ts'

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

/** Calls a function of the application, and `onError` with what it throws or rejects with */
export function callGuarded (fn: () => unknown, onError: (err: unknown) => void): void {
  try {
    catchRejection(fn(), onError)
  } catch (err) {
    onError(err)
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

interface AskedOnceInit<T> {
  readonly ask: (candidate: Candidate) => T | Promise<T>
  /** @throws for what is no answer */
  readonly check: (answer: unknown, candidate: Candidate) => void
  /** Called with what the function throws or rejects with. @throws what ends the dial */
  readonly onFailure: (candidate: Candidate, thrown: unknown) => void
}

/**
 * What a function says of each candidate in one run of a stage. It is asked once for each, and may take its time
 *
 * @returns a function that returns undefined while the answer is awaited, and where there is none
 */
export function askedOnce<T> (dial: Pick<Dial, 'signal'>, work: Pick<Work, 'add'>, { ask, check, onFailure }: AskedOnceInit<T>): (candidate: Candidate) => T | undefined {
  const answers = new Map<Candidate, T | undefined>()

  function settle (candidate: Candidate, answer: T): T {
    check(answer, candidate)
    answers.set(candidate, answer)

    return answer
  }

  return candidate => {
    const known = answers.get(candidate)

    if (known !== undefined || answers.has(candidate)) {
      return known
    }

    answers.set(candidate, undefined)

    try {
      const answer = ask(candidate)

      if (!isThenable(answer)) {
        return settle(candidate, answer)
      }

      work.add(settledOrAborted(answer, dial.signal).then(one => settle(candidate, one)).catch((err: unknown) => { onFailure(candidate, err) }))
    } catch (err) {
      onFailure(candidate, err)
    }
  }
}
