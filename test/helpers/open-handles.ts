import { getEventListeners } from 'node:events'
import { PATIENCE, poll } from './until.ts'

/** The number of handles of each kind (TCPSocketWrap, TCPServerWrap, Timeout, …) that keep this thread's event loop alive */
export type OpenHandles = Readonly<Record<string, number>>

/** Returns the open handles. Handles and timers after `unref()` are not counted */
export function openHandles (): OpenHandles {
  const counts: Record<string, number> = {}

  for (const kind of process.getActiveResourcesInfo()) {
    counts[kind] = (counts[kind] ?? 0) + 1
  }

  return counts
}

/** Returns the handles that are open now and were not before */
export function leftOpen (before: OpenHandles): OpenHandles {
  const more = Object.entries(openHandles()).map(([kind, count]) => [kind, count - (before[kind] ?? 0)] as const)

  return Object.fromEntries(more.filter(([, count]) => count > 0))
}

/** Waits up to `timeout` ms until no new handle is open. Returns the new handles: `t.deepEqual(await leftOpenAfterWait(before), {})` */
export async function leftOpenAfterWait (before: OpenHandles, timeout = PATIENCE): Promise<OpenHandles> {
  return poll(() => leftOpen(before), left => Object.keys(left).length === 0, timeout)
}

/** Returns the number of abort listeners of a signal. Signals that `AbortSignal.any` derived from it are not counted */
export function abortListeners (signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length
}
