import { show } from '../differences.ts'
import { PRELUDES } from '../life.ts'
import { makesLists } from '../rule.ts'
import { expect } from '../violation.ts'
import type { Point } from '../rule.ts'

export const completes: Point = {
  title: 'nothing that it waits for is pending for ever, nor an attempt',
  holdsFor: makesLists,
  check: async bench => {
    for (const prelude of PRELUDES) {
      const trial = bench.begin()
      await prelude(bench, trial)
      const { length } = trial.outputs
      trial.give({ candidates: bench.candidates })
      await trial.rest()
      trial.checkAlive()
      const { last } = trial
      expect(last?.value.complete === true, `its list is not complete after ${bench.patience} ms: a promise that it has answered, or added to its work, does not settle, or waits for an attempt, which waits for the list. What may never answer needs a limit of time`)
      trial.lastCall()
      await trial.rest()
      expect(trial.last?.value.complete === true, `after the last call its list is not complete within ${bench.patience} ms`)

      if (bench.fixture.revises !== true) {
        const before = new Set((trial.outputs.slice(length).find(({ value }) => value.complete) ?? last).candidates.map(({ id }) => id))
        const late = last.candidates.filter(({ id }) => !before.has(id))
        expect(late.length === 0, `its list was complete without ${show(late)}, which came later by itself: a dial that has nothing else is over by then. What is waited for is said with work.add() or work.after(). If what it drops may come back, say so: { revises: true }`)
      }
    }
  }
}
