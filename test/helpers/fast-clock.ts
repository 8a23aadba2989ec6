import { punctualClock, systemClock } from '../../src/pipeline/clock.ts'
import type { Clock } from '../../src/pipeline/clock.ts'

/**
 * The system's clock, on which `factor` times as much time goes by: for tests with real nodes that would wait for long. With less than 1 the
 * pauses of a busy process are short
 */
export function fastClock (factor: number): Clock {
  const begin = systemClock.now()

  return punctualClock({
    now: () => begin + (systemClock.now() - begin) * factor,
    setTimeout: (fn, ms) => systemClock.setTimeout(fn, ms / factor)
  })
}
