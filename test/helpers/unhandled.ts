import { setImmediate } from 'node:timers/promises'
import type { ExecutionContext } from 'ava'

/** Records unhandled rejections until the test ends. The returned function waits for pending reports, and returns all of them */
export function watchUnhandled (t: ExecutionContext<any>): () => Promise<unknown[]> {
  const unhandled: unknown[] = []
  const onUnhandled = (err: unknown): void => { unhandled.push(err) }
  process.on('unhandledRejection', onUnhandled)
  t.teardown(() => { process.off('unhandledRejection', onUnhandled) })

  return async () => {
    // Node.js reports a rejection after the microtasks of its turn
    await setImmediate()
    await setImmediate()

    return unhandled
  }
}
