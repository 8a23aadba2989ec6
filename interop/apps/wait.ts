import { setTimeout as sleep } from 'node:timers/promises'

/** The time limit of one step in milliseconds, enough on a busy machine */
const PATIENCE = 10_000

/** Returns a signal that aborts after the time limit of a step */
export function patience (): AbortSignal {
  return AbortSignal.timeout(PATIENCE)
}

/** Resolves when a condition holds. Rejects with the problem when the condition takes too long */
export async function waitUntil (holds: () => boolean | Promise<boolean>, problem: string): Promise<void> {
  const end = performance.now() + PATIENCE

  while (!await holds()) {
    if (performance.now() > end) {
      throw new Error(`After ${PATIENCE} ms ${problem}`)
    }

    await sleep(20)
  }
}
