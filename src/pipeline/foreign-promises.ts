import { raceSignal } from 'race-signal'
import type { Candidate, Dial, Work } from './types.ts'

/** Returns whether a function is written as an async one. A function that returns a promise may not be */
export function isAsync (fn: unknown): boolean {
  return ['[object AsyncFunction]', '[object AsyncGeneratorFunction]'].includes(Object.prototype.toString.call(fn))
}

/** Returns whether a value is a promise. Never throws: an unreadable `then` counts as none */
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

/** Calls `onError` with the rejection of an answer, if it is a promise: an async function may stand in for a function without a result */
export function catchRejection (answer: unknown, onError: (err: unknown) => void): void {
  if (isThenable(answer)) {
    // the Promise constructor catches what a foreign `then` throws
    new Promise(resolve => { resolve(answer) }).catch(onError)
  }
}

/** Calls a function of the application, and `onError` with its error or rejection */
export function callGuarded (fn: () => unknown, onError: (err: unknown) => void): void {
  try {
    catchRejection(fn(), onError)
  } catch (err) {
    onError(err)
  }
}

/**
 * Waits for a foreign promise or value until the signal aborts. A later rejection of the promise is handled.
 *
 * @throws the rejection of the promise; the reason of the signal when the signal aborts first
 */
export async function settledOrAborted<T> (promise: T | PromiseLike<T>, signal: AbortSignal): Promise<T> {
  return raceSignal(Promise.resolve(promise), signal)
}

interface AskOnceInit<T> {
  readonly ask: (candidate: Candidate) => T | Promise<T>
  /** @throws for an answer of a wrong type */
  readonly check: (answer: unknown, candidate: Candidate) => void
  /** Called with the error or rejection of `ask`. @throws an error that ends the dial */
  readonly onFailure: (candidate: Candidate, thrown: unknown) => void
}

/**
 * Returns a function that asks once for each candidate and caches the answer for one run of a stage. It returns undefined while an answer is
 * pending, and for a candidate without one
 */
export function askOnce<T> (work: Pick<Dial, 'signal'> & Pick<Work, 'add'>, { ask, check, onFailure }: AskOnceInit<T>): (candidate: Candidate) => T | undefined {
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

      work.add(settledOrAborted(answer, work.signal).then(one => settle(candidate, one)).catch((err: unknown) => { onFailure(candidate, err) }))
    } catch (err) {
      onFailure(candidate, err)
    }
  }
}
