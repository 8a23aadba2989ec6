import { every } from '../../../pipeline/pace.ts'
import { show } from '../lists/look.ts'
import { all, expect } from '../rule.ts'
import { atOnce, attemptsOf, dialled, inAYear, startsOf } from './look.ts'
import type { Bench } from '../bench.ts'

/** RFC 8305, section 8 */
const MINIMUM_DELAY = 10

async function neverTwoAtOnce (bench: Bench): Promise<void> {
  const trial = bench.begin()
  trial.give({ candidates: bench.candidates, pace: atOnce })
  await trial.pass(1_000)
  trial.checkAlive()
  const starts = startsOf(trial)

  for (const [i, { at }] of starts.entries()) {
    const before = starts[i - 1]
    expect(before == null || at - before.at >= MINIMUM_DELAY, `it starts attempts less than ${MINIMUM_DELAY} ms apart: ${dialled(trial)}`)
  }
}

async function atOnceWithNothingInFlight (bench: Bench): Promise<void> {
  const [a, b] = bench.three
  const trial = bench.begin()
  trial.script([a, b], { refuses: 5 })
  trial.give({ candidates: [a, b], pace: inAYear })
  await trial.rest()
  trial.checkAlive()
  const [first, second] = trial.host.attempts[0]?.candidate.id === b.id ? [b, a] : [a, b]
  const [next] = attemptsOf(trial, second)
  const failed = attemptsOf(trial, first).findLast(({ endedAt = Infinity }) => endedAt <= (next?.startedAt ?? Infinity))

  expect(startsOf(trial)[0]?.at === 0, `with nothing in flight it did not start the first at once. It dialled ${dialled(trial)}`)
  expect(next?.startedAt === failed?.endedAt, `with nothing in flight it did not start the next at once. It dialled ${dialled(trial)}`)
}

async function inOrderAndInTime (bench: Bench): Promise<void> {
  if (bench.from !== 'candidates' || bench.fixture.reorders === true) {
    return
  }

  const candidates = bench.three.toReversed()
  const trial = bench.begin()
  trial.give({ candidates, pace: every(100) })
  await trial.pass(1_000)
  trial.checkAlive()
  const expected = candidates.map(({ id }, i) => `${show([id])} at ${i * 100} ms`)
  expect(dialled(trial) === show(expected), `it was given a list with one every 100 ms, which is ${show(expected)}, and dialled ${dialled(trial)}`)
}

export const paced = all(neverTwoAtOnce, atOnceWithNothingInFlight, inOrderAndInTime)
