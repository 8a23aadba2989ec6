import { show } from '../differences.ts'
import { PRELUDES } from '../lifecycle.ts'
import { makesLists } from '../point.ts'
import { expect } from '../violation.ts'
import type { Point } from '../point.ts'

export const completes: Point = {
  title: 'the list becomes complete: no pending work lasts for ever or waits for an attempt',
  holdsFor: makesLists,
  check: async harness => {
    for (const prelude of PRELUDES) {
      const run = harness.begin()
      await prelude(harness, run)
      const { length } = run.outputs
      run.give({ candidates: harness.candidates })
      await run.rest()
      run.checkAlive()
      const { last } = run
      expect(last?.value.complete === true, `its list is not complete after ${harness.timeLimit} ms: a promise that the stage answered, or added to its work, does not settle, or waits for an attempt, which waits for the list. Limit the time of a promise that may never settle`)
      run.lastCall()
      await run.rest()
      expect(run.last?.value.complete === true, `its list is not complete ${harness.timeLimit} ms after the last call`)

      if (harness.fixture.restoresDropped !== true) {
        const before = new Set((run.outputs.slice(length).find(({ value }) => value.complete) ?? last).candidates.map(({ id }) => id))
        const late = last.candidates.filter(({ id }) => !before.has(id))
        expect(late.length === 0, `its list was complete without ${show(late)}, which followed later without an event: a dial without other work has ended by then. Declare pending work with work.add() or work.after(). If dropped candidates may return, pass { restoresDropped: true }`)
      }
    }
  }
}
