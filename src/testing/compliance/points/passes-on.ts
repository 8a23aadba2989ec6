import { describeValue } from '../../../pipeline/describe-value.ts'
import { connectionTo } from '../lifecycle.ts'
import { passesConnections } from '../point.ts'
import { expect } from '../violation.ts'
import type { Harness } from '../harness.ts'
import type { Point } from '../point.ts'

export const passesOn: Point = {
  title: 'the stage yields or discards each connection, ends with the race above, and fails with its error',
  holdsFor: passesConnections,
  check: async harness => {
    await passesTheFirst(harness)
    await passesNoOther(harness)
    await endsWithTheRace(harness)
    await failsWithTheRace(harness)
  }
}

async function passesTheFirst (harness: Harness): Promise<void> {
  const run = harness.begin()
  const connection = await connectionTo(run, harness.three[0])
  run.upstream.give(connection)
  await run.settle()
  run.checkAlive()
  const { outputs, host } = run
  expect(outputs.length === 1 || (outputs.length === 0 && harness.fixture.connection == null && host.discarded.has(connection)),
    outputs.length > 1
      ? `it was given a connection, and yielded ${outputs.length} at once`
      : `it was given a connection, and ${host.discarded.has(connection) ? 'discarded one that the fixture says it passes on' : 'yielded none at once: yield the connection, or call dial.discard()'}`)
}

/** A stage below a race must not replace connections: callers get the ones that were dialled */
async function passesNoOther (harness: Harness): Promise<void> {
  const run = harness.begin()
  const given = [await connectionTo(run, harness.three[0]), await connectionTo(run, harness.three[1])]
  given.forEach(one => { run.upstream.give(one) })
  await run.rest()
  expect(run.connections.every(one => given.includes(one)), 'it yielded a connection that it was not given')
  expect(new Set(run.connections).size === run.connections.length, 'it yielded a connection twice')
}

async function endsWithTheRace (harness: Harness): Promise<void> {
  const without = harness.begin()
  await without.rest()
  expect(!without.ended, 'it ended before the race above, without a connection')
  without.upstream.end()
  await without.rest()
  expect(without.ended, 'it did not end when the race above had ended without a connection')

  const one = harness.begin()
  one.upstream.give(await connectionTo(one, harness.three[0]))
  one.upstream.end()
  await one.rest()
  expect(one.ended, 'it did not end when the race above had')
}

async function failsWithTheRace (harness: Harness): Promise<void> {
  const run = harness.begin()
  const error = new Error('The stage above is broken')
  await run.settle()
  run.upstream.fail(error)
  await run.settle()

  expect(!run.ended, 'the race above failed, and the stage ended without an error')
  expect(run.failure != null, 'the race above failed, and the stage went on')
  expect(run.failure.error === error, `the race above failed with ${describeValue(error)}, and the stage with ${describeValue(run.failure.error)}`)
}
