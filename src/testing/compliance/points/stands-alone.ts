import { firstDifference } from '../differences.ts'
import { anyStage } from '../point.ts'
import { expect } from '../violation.ts'
import { runOnce } from './uses-the-clock.ts'
import type { Point } from '../point.ts'

export const standsAlone: Point = {
  title: 'the stage does the same in two equal dials',
  holdsFor: anyStage,
  check: async harness => {
    const stage = harness.make()
    const [one, other] = [await runOnce(harness, stage), await runOnce(harness, stage)]
    // a memory outside of the factory may be full since the first run of the suite
    const difference = firstDifference(one, other) ?? firstDifference(harness.firstRuns.get(harness.from) ?? one, other)
    expect(difference == null, `in two equal dials there was ${difference}: create the state of a dial in the function that begins it, and the state of a node with { perNode }`)
  }
}
