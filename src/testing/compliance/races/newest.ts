import { expect } from '../rule.ts'
import { attemptsOf } from './look.ts'
import type { Bench } from '../bench.ts'

/** It dials what stands in the newest list, and nothing that stood only in one before */
export async function newest (bench: Bench): Promise<void> {
  if (bench.from !== 'candidates') {
    return
  }

  const [a, b, c] = bench.three
  const trial = bench.begin()
  trial.give({ candidates: [a, b], complete: false })
  // two attempts are never this close
  await trial.pass(5)
  const first = trial.host.attempts[0]?.candidate
  expect(first != null, 'it was given a list, and dialled nothing of it')
  const untried = first.id === a.id ? b : a
  trial.give({ candidates: [first, c] })
  await trial.rest()
  trial.checkAlive()

  expect(attemptsOf(trial, c).length > 0, `it did not dial ${c.id}, which stands in the newest list`)
  expect(attemptsOf(trial, untried).length === 0, `it dialled ${untried.id}, which the newest list has no more`)
}
