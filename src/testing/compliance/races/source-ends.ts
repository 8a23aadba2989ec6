import { all, expect } from '../rule.ts'
import { attemptsOf, checkGoesOn } from './look.ts'
import type { Bench } from '../bench.ts'

async function waitsForMore (bench: Bench): Promise<void> {
  const [a, b] = bench.three
  const trial = bench.begin()
  trial.script([a, b], { refuses: 100 })
  trial.give({ candidates: [a], complete: false })
  await trial.pass(50)
  trial.give({ candidates: [a, b], complete: false })
  await trial.pass(1_000)
  trial.checkAlive()
  expect(attemptsOf(trial, b).length > 0, `${b.id} was added while it dialled, and it did not dial that`)

  if (bench.from === 'candidates') {
    checkGoesOn(trial, 'when everything had failed, though its source may still give more')
  }
}

async function endsWithItsSource (bench: Bench): Promise<void> {
  for (const script of [{ connects: 20 }, { refuses: 20 }]) {
    const trial = bench.begin()
    trial.script(bench.candidates, script)
    trial.give({ candidates: bench.candidates, complete: false })
    trial.upstream.end()
    await trial.rest()
    trial.checkAlive()
    expect(trial.ended, 'it did not end when its source had, with nothing left to dial')
    expect('refuses' in script || trial.outputs.length > 0, 'it ended with its source, and did not dial what it was given')
  }
}

export const sourceEnds = all(waitsForMore, endsWithItsSource)
