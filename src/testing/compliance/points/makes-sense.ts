import { describeValue } from '../../../pipeline/describe-value.ts'
import { planOf } from '../../../pipeline/runtime/make-stage.ts'
import { live } from '../life.ts'
import { anyStage } from '../rule.ts'
import { expect } from '../violation.ts'
import type { Bench } from '../bench.ts'
import type { Point } from '../rule.ts'
import type { Trial } from '../trial.ts'

export const makesSense: Point = {
  title: 'what it answers makes sense, and it throws nothing',
  holdsFor: anyStage,
  check: async bench => {
    const trial = bench.begin()
    await live(bench, trial)
    trial.checkAlive()
    checkUse(bench, trial)
  }
}

/** An error for one address, or of a service that is down, is logged, and costs no more. Where there is nothing else, nothing was seen of the stage */
function checkUse ({ candidates, make }: Bench, trial: Trial): void {
  const error = trial.host.errors[0]?.find(one => one instanceof Error)
  const plan = planOf(make())
  const isSource = plan.kind === 'list' && plan.role === 'source'
  const hasFound = trial.outputs.some(output => output.candidates.some(one => !candidates.includes(one)))
  const hasJudged = candidates.some(({ id }) => trial.host.story.addresses.get(id)?.dropped?.cause == null)

  expect(error == null || (isSource ? hasFound : hasJudged), `it failed with ${describeValue(error)} whatever it was asked: what it needs of the node is in the fixture's components()`)
}
