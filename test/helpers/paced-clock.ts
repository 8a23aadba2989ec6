import { setTimeout as sleep } from 'node:timers/promises'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import type { ExecutionContext } from 'ava'

/** Milliseconds that go by at most in one step: the pauses of a busy process are short */
const MAX_STEP = 50

export interface PacedClock {
  readonly clock: VirtualClock
  /** How many times as fast as the system's it goes */
  speed: number
}

/** A clock that goes on until the test is over, as fast as the test says, and at first as fast as the system's: for real nodes that wait for long */
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
