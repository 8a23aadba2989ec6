import { punctualClock, systemClock } from '../../src/pipeline/clock.ts'
import type { Clock } from '../../src/pipeline/clock.ts'

/**
 * Returns a clock that is faster than the system's by `factor`, for tests with real nodes and long waits. With a factor below 1 the pauses of a busy
 * process are shorter
 */
export function fastClock (factor: number): Clock {
  const begin = systemClock.now()

  return punctualClock({
    now: () => begin + (systemClock.now() - begin) * factor,
    setTimeout: (fn, ms) => systemClock.setTimeout(fn, ms / factor)
  })
}
