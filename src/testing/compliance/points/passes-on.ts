import { describeValue } from '../../../pipeline/describe-value.ts'
import { connectionTo } from '../life.ts'
import { passesConnections } from '../rule.ts'
import { expect } from '../violation.ts'
import type { Bench } from '../bench.ts'
import type { Point } from '../rule.ts'

export const passesOn: Point = {
  title: 'it passes on the connections that it is given, or gives them back, ends with the race above, and fails with it',
  holdsFor: passesConnections,
  check: async bench => {
    await passesTheFirst(bench)
    await passesNoOther(bench)
    await endsWithTheRace(bench)
    await failsWithTheRace(bench)
  }
}

async function passesTheFirst (bench: Bench): Promise<void> {
  const trial = bench.begin()
  const connection = await connectionTo(trial, bench.three[0])
  trial.upstream.give(connection)
  await trial.settle()
  trial.checkAlive()
  const { outputs, host } = trial
  expect(outputs.length === 1 || (outputs.length === 0 && bench.fixture.connection == null && host.discarded.has(connection)),
    outputs.length > 1
      ? `it was given a connection, and yielded ${outputs.length} at once`
      : `it was given a connection, and ${host.discarded.has(connection) ? 'gave back one that the fixture says it passes on' : 'yielded 0 at once: it yields one, or gives it back with dial.discard()'}`)
}

/** A stage below a race must not replace connections: callers get the ones that were dialled */
async function passesNoOther (bench: Bench): Promise<void> {
  const trial = bench.begin()
  const given = [await connectionTo(trial, bench.three[0]), await connectionTo(trial, bench.three[1])]
  given.forEach(one => { trial.upstream.give(one) })
  await trial.rest()
  expect(trial.connections.every(one => given.includes(one)), 'it yielded a connection that it was not given')
  expect(new Set(trial.connections).size === trial.connections.length, 'it yielded a connection twice')
}

async function endsWithTheRace (bench: Bench): Promise<void> {
  const without = bench.begin()
  await without.rest()
  expect(!without.ended, 'it ended before the race above, without a connection')
  without.upstream.end()
  await without.rest()
  expect(without.ended, 'it did not end when the race above had ended without a connection')

  const one = bench.begin()
  one.upstream.give(await connectionTo(one, bench.three[0]))
  one.upstream.end()
  await one.rest()
  expect(one.ended, 'it did not end when the race above had')
}

async function failsWithTheRace (bench: Bench): Promise<void> {
  const trial = bench.begin()
  const error = new Error('The stage above is broken')
  await trial.settle()
  trial.upstream.fail(error)
  await trial.settle()

  expect(!trial.ended, 'the race above failed, and it ended as if nothing were wrong')
  expect(trial.failure != null, 'the race above failed, and it went on')
  expect(trial.failure.error === error, `the race above failed with ${describeValue(error)}, and it with ${describeValue(trial.failure.error)}`)
}
