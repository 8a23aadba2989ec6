import { planOf } from '../../../pipeline/runtime/make-stage.ts'
import { UNEXPLAINED } from '../../../pipeline/runtime/work.ts'
import { show } from '../differences.ts'
import { makesLists } from '../point.ts'
import { expect } from '../violation.ts'
import type { Point } from '../point.ts'
import type { AnyStage } from '../../../pipeline/types.ts'

function isByHand (stage: AnyStage): boolean {
  const plan = planOf(stage)

  return plan.kind === 'list' && plan.isTrusted !== true
}

export const saysWhy: Point = {
  title: 'the stage gives a reason for each address that it drops',
  // filter() itself gives a reason when its function returns false
  holdsFor: stage => makesLists(stage) && isByHand(stage),
  check: async harness => {
    const run = harness.begin()
    run.give({ candidates: harness.candidates })
    await run.rest()
    const unexplained = harness.candidates.filter(({ id }) => UNEXPLAINED.has(run.host.story.addresses.get(id)?.dropped?.reason ?? ''))
    expect(unexplained.length === 0, `it dropped ${show(unexplained)} without a reason: call work.drop(candidate, 'the reason'), and explain() shows it`)
  }
}
