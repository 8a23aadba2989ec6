import { says } from '../lists/look.ts'
import { expect } from '../rule.ts'
import type { Bench } from '../bench.ts'

/** Who asks for an attempt shows the very candidate that it was given, and yields the very connection */
export async function sameObjects (bench: Bench): Promise<void> {
  const trial = bench.begin()
  const [a, ...others] = bench.candidates
  trial.script(others, { connects: 50 })
  trial.script([bench.three[0]], { refuses: 20 })
  trial.give({ candidates: [a ?? bench.three[0], ...others] })
  await trial.rest()
  trial.checkAlive()

  for (const { candidate } of trial.host.attempts) {
    expect(Object.isFrozen(candidate), `it dialled ${candidate.id} as an object that is not frozen`)

    if (bench.from === 'candidates') {
      expect(!bench.candidates.some(one => one !== candidate && says(one) === says(candidate)), `it dialled ${candidate.id} as another object that says the same`)
    }
  }

  const made = new Set(trial.host.attempts.map(({ connection }) => connection))
  expect(trial.connections.every(connection => made.has(connection)), 'it yielded a connection that is none of those that it asked for')
  expect(new Set(trial.connections).size === trial.connections.length, 'it yielded a connection twice')
}
