import { firstDifference } from '../differences.ts'
import { anyStage } from '../point.ts'
import { expect } from '../violation.ts'
import { runOnce } from './uses-the-clock.ts'
import type { Point } from '../point.ts'

export const standsAlone: Point = {
  title: 'the stage does the same in two equal dials',
  holdsFor: anyStage,
  check: async harness => {
    const difference = firstDifference(await runOnce(harness), await runOnce(harness))
    expect(difference == null, `in two dials that went alike there was ${difference}: what it keeps for a dial is made in the function that begins it, and for a node with { perNode }`)
  }
}
