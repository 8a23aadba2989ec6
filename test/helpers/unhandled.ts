import { setImmediate } from 'node:timers/promises'
import type { ExecutionContext } from 'ava'

/** Listens for unhandled rejections until the test ends. The answer waits for those of promises that are rejected by now, and returns all */
export function watchUnhandled (t: ExecutionContext<any>): () => Promise<unknown[]> {
  const unhandled: unknown[] = []
  const onUnhandled = (err: unknown): void => { unhandled.push(err) }
  process.on('unhandledRejection', onUnhandled)
  t.teardown(() => { process.off('unhandledRejection', onUnhandled) })

  return async () => {
    // Node reports a rejection after the microtasks of the turn in which it happened
    await setImmediate()
    await setImmediate()

    return unhandled
  }
}

/** An async function that rejects, in the place of any other */
export const rejects: () => any = async () => { throw new Error('the database is down') }
