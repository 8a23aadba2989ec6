import { momentsOf } from '../moments.ts'
import { makesLists } from '../point.ts'
import { expect } from '../violation.ts'
import type { Point } from '../point.ts'

/** `return()` of a generator that is suspended at an await has no effect: each await has to end with the signal */
export const ends: Point = {
  title: 'every wait ends with the dial',
  holdsFor: stage => !makesLists(stage),
  check: async harness => {
    for (const moment of momentsOf(harness).filter(({ takes }) => takes == null)) {
      const run = harness.begin()
      await moment.reach(harness, run)
      run.leave()
      await run.settle()
      expect(!run.hasBegun || run.isOver, `the dial was aborted ${moment.name}, and the stage still waits: pass dial.signal to every wait`)
    }
  }
}
