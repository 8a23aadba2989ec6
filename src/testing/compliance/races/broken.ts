import { all, expect } from '../rule.ts'
import { describeValue } from '../../../pipeline/describe-value.ts'
import type { Bench } from '../bench.ts'

async function passesFailuresOn (bench: Bench): Promise<void> {
  const trial = bench.begin()
  const error = new Error('The stage above is broken')
  trial.give({ candidates: bench.candidates })
  await trial.pass(20)
  trial.upstream.fail(error)
  await trial.settle()

  expect(!trial.ended, 'the stage above failed, and it ended as if nothing were wrong')
  expect(trial.failure != null, 'the stage above failed, and it went on')
  expect(trial.failure.error === error, `the stage above failed with ${describeValue(error)}, and it with ${describeValue(trial.failure.error)}`)
  expect(trial.host.attempts.every(({ signal, endedAt }) => signal.aborted || endedAt != null), 'it failed, and its attempts went on')
}

/** Some transports reject with what is not an Error */
async function outlivesFailedAttempts (bench: Bench): Promise<void> {
  const [a, b, c] = bench.three
  const trial = bench.begin()
  trial.script([a], { refuses: 10, error: { type: 'error' } as unknown as Error })
  trial.script([b], { refuses: 10 })
  trial.script([c], { connects: 10 })
  trial.give({ candidates: bench.three })
  await trial.rest()
  trial.checkAlive()
  expect(trial.outputs.length > 0, `two attempts failed, and it did not go on to ${c.id}, which answers. It made ${trial.host.attempts.length} attempts`)
  expect(trial.connections.every(one => typeof one?.newStream === 'function'), `it yielded ${describeValue(trial.connections[0])} where a connection was expected`)
}

export const broken = all(passesFailuresOn, outlivesFailedAttempts)
