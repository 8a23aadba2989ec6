import { setTimeout as sleep } from 'node:timers/promises'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import type { ExecutionContext } from 'ava'

/** The maximum number of milliseconds of one step, so that the pauses of a busy process are short */
const MAX_STEP = 50

export interface PacedClock {
  readonly clock: VirtualClock
  /** The factor by which the clock is faster than the system's */
  speed: number
}

/** Returns a clock that runs until the end of the test, for real nodes with long waits. The test sets its speed, which is 1 at first */
export function pacedClock (t: ExecutionContext): PacedClock {
  const paced = { clock: new VirtualClock(Date.now()), speed: 1 }
  let isOver = false
  let last = performance.now()

  const going = (async () => {
    while (!isOver) {
      await sleep(5)
      const now = performance.now()
      const step = Math.min(MAX_STEP, now - last)
      last = now
      await paced.clock.advance(step * paced.speed)
    }
  })()

  t.teardown(async () => {
    isOver = true
    await going
  })

  return paced
}
