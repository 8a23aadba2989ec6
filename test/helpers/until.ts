import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'

/** Milliseconds for which a test waits for an event, long enough for a busy machine */
export const PATIENCE = 60_000

/** Calls `ask` until `isDone` accepts the answer, and returns it. Throws when that takes longer than `timeout` ms */
export async function until<T> (ask: () => T | Promise<T>, isDone: (answer: T) => boolean, timeout = PATIENCE): Promise<T> {
  const answer = await poll(ask, isDone, timeout)

  if (!isDone(answer)) {
    throw new Error(`Still ${inspect(answer, { depth: 1 })} after ${timeout} ms`)
  }

  return answer
}

/** Calls `ask` until `isDone` accepts the answer, for up to `timeout` ms. Returns the last answer: for tests in which both answers are right */
export async function poll<T> (ask: () => T | Promise<T>, isDone: (answer: T) => boolean, timeout = PATIENCE): Promise<T> {
  const end = performance.now() + timeout
  let answer = await ask()

  while (!isDone(answer) && performance.now() < end) {
    await sleep(5)
    answer = await ask()
  }

  return answer
}
