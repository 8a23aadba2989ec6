import { all, expect } from '../rule.ts'
import { attemptsOf, checkGoesOn, dialled } from './look.ts'
import type { Bench } from '../bench.ts'

async function whenNothingIsLeft (bench: Bench): Promise<void> {
  const trial = bench.begin()
  trial.script(bench.candidates, { refuses: 20 })
  trial.give({ candidates: bench.candidates })
  await trial.rest()
  trial.checkAlive()
  const missing = bench.candidates.filter(one => attemptsOf(trial, one).length === 0)
  expect(missing.length === 0, `it did not dial ${missing.map(({ id }) => id).join(', ')}, though nothing else answered. It dialled ${dialled(trial)}`)
  expect(trial.ended, 'it did not end when everything had failed and the list was complete')

  const empty = bench.begin()
  empty.give({ candidates: [] })
  await empty.rest()
  empty.checkAlive()
  expect(empty.ended, 'it did not end when there was nothing to dial')
}

async function notWithAnAttemptInFlight (bench: Bench): Promise<void> {
  const [a] = bench.three
  const trial = bench.begin()
  trial.script(bench.candidates, { refuses: 20 })
  trial.script([a], { connects: 2_000 })
  trial.give({ candidates: bench.candidates })
  await trial.pass(1_999)
  checkGoesOn(trial, `while ${a.id} was in flight`)
  await trial.rest()
  trial.checkAlive()
  expect(trial.outputs.length > 0, `${a.id} connected, and it did not yield the connection`)
}

async function notOnAnOlderList (bench: Bench): Promise<void> {
  const [a, b] = bench.three
  const trial = bench.begin()
  trial.script([a], { refuses: 100 })
  trial.script([b], { connects: 100 })
  trial.give({ candidates: [a] })
  await trial.pass(50)
  trial.isBehind = true
  await trial.pass(950)
  checkGoesOn(trial, 'when its list was of an older revision than the dial: a newer one is on its way')
  trial.isBehind = false
  trial.give({ candidates: [a, b] })
  await trial.rest()
  trial.checkAlive()
  expect(trial.outputs.length > 0, `the newer list had ${b.id}, and it did not connect to that`)
}

export const ends = all(whenNothingIsLeft, notWithAnAttemptInFlight, notOnAnOlderList)
