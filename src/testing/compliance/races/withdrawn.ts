import { all, expect } from '../rule.ts'
import { attemptsOf, checkGoesOn } from './look.ts'
import type { Bench } from '../bench.ts'

async function notWhatIsInFlight (bench: Bench): Promise<void> {
  if (bench.from !== 'candidates') {
    return
  }

  const [a] = bench.three
  const trial = bench.begin()
  trial.script([a], { connects: 1_000 })
  trial.give({ candidates: [a], complete: false })
  await trial.pass(500)
  trial.give({ candidates: [] })
  await trial.pass(400)
  checkGoesOn(trial, `while ${a.id} was in flight, which was withdrawn`)
  const [attempt] = attemptsOf(trial, a)
  expect(attempt?.signal.aborted === false, `it stopped the attempt of ${a.id} that was in flight when that was withdrawn`)
  await trial.rest()
  expect(trial.outputs.length === 1, `${a.id} was withdrawn while it was in flight, and connected, and the connection was not yielded`)
}

async function whatWaitsForASlot (bench: Bench): Promise<void> {
  if (bench.from !== 'candidates') {
    return
  }

  const [a, b] = bench.three
  const trial = bench.begin()
  trial.host.hasSlots = false
  trial.give({ candidates: [a], complete: false })
  await trial.pass(100)
  const [waiting] = attemptsOf(trial, a)
  expect(waiting != null, `it was given ${a.id}, and did not ask for an attempt`)
  trial.give({ candidates: [b], complete: false })
  await trial.pass(100)
  trial.checkAlive()
  expect(waiting.signal.aborted, `${a.id} was withdrawn while it waited for a slot, and it did not stop that`)
  trial.host.hasSlots = true
  trial.give({ candidates: [b, a], complete: false })
  await trial.rest()
  trial.checkAlive()
  expect(attemptsOf(trial, a).length > 1, `${a.id} was cancelled and given again, and it did not dial it again`)
}

async function notWhatIsSpent (bench: Bench): Promise<void> {
  if (bench.fixture.repeats === true) {
    return
  }

  const [a, b] = bench.three
  const trial = bench.begin()
  trial.script([a], { refuses: 10 })
  trial.script([b], { connects: 5_000 })
  trial.give({ candidates: [a, b] })
  await trial.pass(1_000)
  trial.target.raise()
  await trial.pass(1_000)
  trial.checkAlive()
  expect(attemptsOf(trial, a).length === 1, `it dialled ${a.id} ${attemptsOf(trial, a).length} times, though it had failed`)
  expect(attemptsOf(trial, b).length === 1, `it dialled ${b.id} ${attemptsOf(trial, b).length} times, though that was in flight`)
}

export const withdrawn = all(notWhatIsInFlight, whatWaitsForASlot, notWhatIsSpent)
