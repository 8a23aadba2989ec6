import { momentsOf } from '../moments.ts'
import { makesLists } from '../rule.ts'
import { expect } from '../violation.ts'
import type { Point } from '../rule.ts'

/** `return()` of a generator that is suspended at an await has no effect: each await has to end with the signal */
export const ends: Point = {
  title: 'every wait ends with the dial',
  holdsFor: stage => !makesLists(stage),
  check: async bench => {
    for (const moment of momentsOf(bench).filter(({ takes }) => takes == null)) {
      const trial = bench.begin()
      await moment.reach(bench, trial)
      trial.leave()
      await trial.settle()
      expect(!trial.hasBegun || trial.isOver, `the dial was aborted ${moment.name}, and it waits on: every wait of its own takes dial.signal`)
    }
  }
}
