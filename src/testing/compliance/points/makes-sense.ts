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

/**
 * A stage logs the error of one address, or of a service that is down, and goes on. A stage that only logged errors has shown nothing else:
 * its fixture is incomplete.
 */
function checkUse ({ candidates, make }: Bench, trial: Trial): void {
  const error = trial.host.errors[0]?.find(one => one instanceof Error)
  const plan = planOf(make())
  const isSource = plan.kind === 'list' && plan.role === 'source'
  const hasFound = trial.outputs.some(output => output.candidates.some(one => !candidates.includes(one)))
  const hasJudged = candidates.some(({ id }) => trial.host.story.addresses.get(id)?.dropped?.cause == null)

  expect(error == null || (isSource ? hasFound : hasJudged), `it failed with ${describeValue(error)} whatever it was asked: what it needs of the node is in the fixture's components()`)
}
