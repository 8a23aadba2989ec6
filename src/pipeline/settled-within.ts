import { raceSignal } from 'race-signal'
import { within } from './time-limit.ts'
import type { Clock } from './clock.ts'

/** Waits at most `ms` milliseconds for a promise. Resolves to whether the promise has settled. Never rejects */
export async function settledWithin (promise: Promise<unknown>, ms: number, clock: Clock): Promise<boolean> {
  const settled = promise.then(() => true, () => true)

  return within(ms, clock, `Not settled after ${ms} ms`, [], async signal => raceSignal(settled, signal)).catch(() => false)
}
