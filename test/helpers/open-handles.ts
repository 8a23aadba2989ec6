import { getEventListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

/** How many of each kind (TCPSocketWrap, TCPServerWrap, Timeout, …) keep this thread's event loop alive */
export type OpenHandles = Readonly<Record<string, number>>

/** What is open now. Handles and timers that were unref'd are not among them */
export function openHandles (): OpenHandles {
  const counts: Record<string, number> = {}

  for (const kind of process.getActiveResourcesInfo()) {
    counts[kind] = (counts[kind] ?? 0) + 1
  }

  return counts
}

/** What is open now and was not before; empty when nothing was left behind */
export function leftOpen (before: OpenHandles): OpenHandles {
  const more = Object.entries(openHandles()).map(([kind, count]) => [kind, count - (before[kind] ?? 0)] as const)

  return Object.fromEntries(more.filter(([, count]) => count > 0))
}

/** Milliseconds for which a test waits for what comes: a busy machine takes its time */
export const PATIENCE = 60_000

/** Waits until nothing is open that was not before, `timeout` ms at most. Answers what is left: `t.deepEqual(await settled(before), {})` */
export async function settled (before: OpenHandles, timeout = PATIENCE): Promise<OpenHandles> {
  return until(() => leftOpen(before), left => Object.keys(left).length === 0, timeout)
}

/** Asks until `isDone` likes the answer, `timeout` ms at most, and answers the last one */
export async function until<T> (ask: () => T, isDone: (answer: T) => boolean, timeout = PATIENCE): Promise<T> {
  const end = performance.now() + timeout
  let answer = ask()

  while (!isDone(answer) && performance.now() < end) {
    await sleep(5)
    answer = ask()
  }

  return answer
}

/** How many listen for the abort of a signal. Signals made of it with `AbortSignal.any` are not seen */
export function abortListeners (signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length
}
