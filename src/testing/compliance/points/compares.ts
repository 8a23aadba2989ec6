import { planOf } from '../../../pipeline/runtime/make-stage.ts'
import { show } from '../differences.ts'
import { makesLists } from '../point.ts'
import { expect } from '../violation.ts'
import type { Point } from '../point.ts'

export const compares: Point = {
  title: 'the comparators give a consistent order',
  holdsFor: makesLists,
  check: async harness => {
    const plan = planOf(harness.make())
    const compare = plan.kind === 'list' ? plan.compare : undefined

    if (compare == null) {
      return
    }

    const { dial } = harness.begin()
    const { candidates } = harness
    const sign = (i: number, k: number): number => Math.sign(compare(candidates[i] as typeof candidates[number], candidates[k] as typeof candidates[number], dial))
    const all = candidates.map((_, i) => i)

    for (const a of all) {
      for (const b of all) {
        expect(sign(a, b) === -sign(b, a), `its comparators contradict each other for ${name(a, b)}: if compare(a, b) is above zero, compare(b, a) has to be below zero. rankBy() orders by a number for each candidate`)

        for (const c of all) {
          expect(sign(a, b) > 0 || sign(b, c) > 0 || sign(a, c) <= 0, `its comparators put ${name(a)}, ${name(b)} and ${name(c)} in a circle: an order has no circle`)
        }
      }
    }

    function name (...which: readonly number[]): string {
      return show(which.flatMap(i => candidates[i] ?? []))
    }
  }
}
