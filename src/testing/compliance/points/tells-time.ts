import { differenceOf } from '../differences.ts'
import { PRELUDES } from '../life.ts'
import { makesLists } from '../rule.ts'
import { expect } from '../violation.ts'
import type { Point } from '../rule.ts'

const DAY = 24 * 60 * 60 * 1_000

/** Short enough to see a stage before its first delay is over */
const STEP = 10

export const tellsTime: Point = {
  title: 'what it answers changes with time only when it has said so',
  holdsFor: makesLists,
  check: async bench => {
    for (const prelude of PRELUDES) {
      for (const ms of [STEP, 1_000, bench.patience, DAY]) {
        const trial = bench.begin()
        await prelude(bench, trial)
        trial.give({ candidates: bench.candidates })
        await trial.pass(ms)
        const unasked = trial.last?.candidates ?? []
        trial.target.raise()
        await trial.settle()
        trial.checkAlive()
        const difference = differenceOf(unasked, trial.last?.candidates ?? [])
        expect(difference == null, `asked after ${ms} ms, it answered ${difference}, and nobody had asked it by itself: work.after() or work.at() says when its answer changes`)
      }
    }
  }
}
