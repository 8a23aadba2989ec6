import { differenceOf } from '../differences.ts'
import { makesLists } from '../point.ts'
import { expect } from '../violation.ts'
import type { Point } from '../point.ts'
import type { StageRun } from '../stage-run.ts'
import type { Candidate } from '../../../pipeline/types.ts'

/** The number of repeated calls: enough to expose a stage that changes its answer after some */
const ASKS = 32

export const rests: Point = {
  title: 'the stage answers the same candidates when it is asked again without news',
  holdsFor: makesLists,
  check: async harness => {
    const run = harness.begin()
    run.give({ candidates: harness.candidates })
    await run.rest()
    // compared from here on: tells-time.ts checks changes over time
    const before = await askAgain(run)
    let after = before

    for (let asks = 0; asks < ASKS && after === before; asks++) {
      const answer = await askAgain(run)
      after = answer.length === before.length && answer.every((one, i) => one === before[i]) ? before : answer
    }

    const difference = differenceOf(before, after)
    expect(difference == null, `asked again about the same list, it answered ${difference}: an answer depends only on the list, and on what the dial has learnt`)
    expect(after.every((one, i) => one === before[i]), 'asked again, it answered new objects with the same contents: create a candidate once, and keep it')
  }
}

async function askAgain (run: StageRun): Promise<readonly Candidate[]> {
  run.target.invalidate()
  await run.settle()
  run.checkAlive()

  return run.last?.candidates ?? []
}
