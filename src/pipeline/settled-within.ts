import { raceSignal } from 'race-signal'
import { within } from './time-limit.ts'
import type { Clock } from './clock.ts'

/** Waits until a promise has settled, `ms` milliseconds at most. Resolves to false when it has not. Never rejects */
export async function settledWithin (promise: Promise<unknown>, ms: number, clock: Clock): Promise<boolean> {
  const settled = promise.then(() => true, () => true)

  return within(ms, clock, `Not settled after ${ms} ms`, [], async signal => raceSignal(settled, signal)).catch(() => false)
}
