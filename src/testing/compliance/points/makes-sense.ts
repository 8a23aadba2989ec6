import { live } from '../life.ts'
import { anyStage } from '../rule.ts'
import type { Point } from '../rule.ts'

export const makesSense: Point = {
  title: 'what it answers makes sense, and it throws nothing',
  holdsFor: anyStage,
  check: async bench => {
    const trial = bench.begin()
    await live(bench, trial)
    trial.checkAlive()
  }
}
