import { expect } from '../rule.ts'
import { describeValue } from '../../../pipeline/describe-value.ts'
import type { Bench } from '../bench.ts'

export async function broken (bench: Bench): Promise<void> {
  const trial = bench.begin()
  const error = new Error('The stage above is broken')
  await trial.settle()
  trial.upstream.fail(error)
  await trial.settle()

  expect(!trial.ended, 'the stage above failed, and it ended as if nothing were wrong')
  expect(trial.failure != null, 'the stage above failed, and it went on')
  expect(trial.failure.error === error, `the stage above failed with ${describeValue(error)}, and it with ${describeValue(trial.failure.error)}`)
}
