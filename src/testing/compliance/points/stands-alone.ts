import { firstDifference } from '../differences.ts'
import { anyStage } from '../rule.ts'
import { expect } from '../violation.ts'
import { lived } from './uses-the-clock.ts'
import type { Point } from '../rule.ts'

export const standsAlone: Point = {
  title: 'what it does in a dial depends on no other dial',
  holdsFor: anyStage,
  check: async bench => {
    const difference = firstDifference(await lived(bench), await lived(bench))
    expect(difference == null, `in two dials that went alike there was ${difference}: what it keeps for a dial is made in the function that begins it, and for a node with { perNode }`)
  }
}
