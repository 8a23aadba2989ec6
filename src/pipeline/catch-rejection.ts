import { isThenable } from './is-thenable.ts'

/** Calls `onError` with what an answer rejects with, if it is a promise: an async function fits wherever an answer is not looked at */
export function catchRejection (answer: unknown, onError: (err: unknown) => void): void {
  if (isThenable(answer)) {
    // the constructor catches what a foreign `then` throws
    new Promise(resolve => { resolve(answer) }).catch(onError)
  }
}
