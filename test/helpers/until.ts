import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds for which a test waits for an event, long enough for a busy machine */
export const PATIENCE = 60_000

/** Calls `ask` until `isDone` accepts the answer, for up to `timeout` ms. Returns the last answer */
export async function until<T> (ask: () => T | Promise<T>, isDone: (answer: T) => boolean, timeout = PATIENCE): Promise<T> {
  const end = performance.now() + timeout
  let answer = await ask()

  while (!isDone(answer) && performance.now() < end) {
    await sleep(5)
    answer = await ask()
  }

  return answer
}
