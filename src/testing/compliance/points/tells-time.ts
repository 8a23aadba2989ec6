import { differenceOf } from '../differences.ts'
import { PRELUDES } from '../lifecycle.ts'
import { makesLists } from '../point.ts'
import { expect } from '../violation.ts'
import type { Point } from '../point.ts'

const DAY = 24 * 60 * 60 * 1_000

/** Milliseconds that are short enough to see a stage before its first delay is over */
const STEP = 10

export const tellsTime: Point = {
  title: 'the answer changes with time only at times that the stage has announced',
  holdsFor: makesLists,
  check: async harness => {
    for (const prelude of PRELUDES) {
      for (const ms of [STEP, 1_000, harness.timeLimit, DAY]) {
        const run = harness.begin()
        await prelude(harness, run)
        run.give({ candidates: harness.candidates })
        await run.pass(Math.min(ms, harness.timeLimit))

        // a list that is incomplete by now never becomes complete: completes.ts reports that, and a day of polls takes minutes
        if (ms > harness.timeLimit && run.last?.value.complete === true) {
          await run.pass(ms - harness.timeLimit)
        }

        const unasked = run.last?.candidates ?? []
        run.target.invalidate()
        await run.settle()
        run.checkAlive()
        const difference = differenceOf(unasked, run.last?.candidates ?? [])
        expect(difference == null, `asked after ${ms} ms, it answered ${difference}, and nothing had asked it at that time: announce the change with work.after() or work.at()`)
      }
    }
  }
}
