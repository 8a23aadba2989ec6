import { describeValue } from '../../../pipeline/describe-value.ts'
import { planOf } from '../../../pipeline/runtime/make-stage.ts'
import { recordOf } from '../differences.ts'
import { runLifecycle } from '../lifecycle.ts'
import { anyStage } from '../point.ts'
import { expect } from '../violation.ts'
import type { Harness } from '../harness.ts'
import type { Point } from '../point.ts'
import type { StageRun } from '../stage-run.ts'

export const makesSense: Point = {
  title: 'the stage returns valid answers, and throws nothing',
  holdsFor: anyStage,
  check: async harness => {
    const run = harness.begin()
    await runLifecycle(harness, run)
    harness.firstRuns.set(harness.from, recordOf(run))
    run.checkAlive()
    checkUse(harness, run)
  }
}

/**
 * A stage logs the error of one address, or of a service that is down, and goes on. A stage that only logged errors has shown nothing else:
 * its fixture is incomplete.
 */
function checkUse ({ candidates, make }: Harness, run: StageRun): void {
  const error = run.host.errors[0]?.find(one => one instanceof Error)
  const plan = planOf(make())
  const isSource = plan.kind === 'list' && plan.role === 'source'
  const hasFound = run.outputs.some(output => output.candidates.some(one => !candidates.includes(one)))
  const hasJudged = candidates.some(({ id }) => run.host.story.addresses.get(id)?.dropped?.cause == null)

  expect(error == null || (isSource ? hasFound : hasJudged), `it failed with ${describeValue(error)} for every input: return what the stage needs of the node from the fixture's components()`)
}
