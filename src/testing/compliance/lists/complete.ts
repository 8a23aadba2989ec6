import { all, expect } from '../rule.ts'
import { failAll, outcomeOf, show } from './look.ts'
import type { Bench } from '../bench.ts'
import type { Output } from '../trial.ts'

async function onlyIfItCameInTrue (bench: Bench): Promise<void> {
  if (bench.from !== 'candidates') {
    return
  }

  const trial = bench.begin()
  trial.give({ candidates: bench.candidates, complete: false })
  await outcomeOf(trial)
  expect(trial.outputs.every(({ value }) => value.complete === false), 'it yielded a complete list when the one that it was given was not')
}

async function yieldsFirst (bench: Bench): Promise<void> {
  for (const complete of [true, false]) {
    const trial = bench.begin()
    trial.give({ candidates: bench.candidates, complete })
    await trial.settle()
    trial.checkAlive()
    expect(trial.outputs.length > 0, 'it held back what it had: no list came at once when it was given one')
  }
}

async function nothingAfter (bench: Bench): Promise<void> {
  const trial = bench.begin()
  trial.give({ candidates: bench.candidates })
  await outcomeOf(trial)
  const first = trial.outputs.findIndex(({ value }) => value.complete)

  if (first === -1) {
    await failAll(trial, bench.candidates)
    // one that had waited for this breaks another point
    expect(trial.last?.value.complete === true, 'it was given a complete list, and never yielded one')
    return
  }

  if (bench.fixture.revises !== true) {
    const known = new Set((trial.outputs[first] as Output).candidates.map(({ id }) => id))
    const late = trial.outputs.slice(first).flatMap(({ candidates }) => candidates.filter(({ id }) => !known.has(id)))
    expect(late.length === 0, `it yielded a complete list, and ${show(late.map(({ id }) => id))} after it`)
  }
}

export const complete = all(yieldsFirst, onlyIfItCameInTrue, nothingAfter)
