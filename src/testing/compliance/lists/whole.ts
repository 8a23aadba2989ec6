import { all, expect } from '../rule.ts'
import { names, outcomeOf, show } from './look.ts'
import type { Bench } from '../bench.ts'

/** A stage that was given another list before says what one says that was not */
async function replaces (bench: Bench): Promise<void> {
  const before = bench.candidates.slice(0, 2)
  const after = bench.from === 'target' ? bench.candidates : bench.candidates.slice(1)
  const asked = bench.begin()
  asked.give({ candidates: before, complete: false })
  await asked.rest()
  asked.give({ candidates: after })
  await outcomeOf(asked)

  const fresh = bench.begin()
  fresh.give({ candidates: after })
  await outcomeOf(fresh)

  expect(asked.ids.join() === fresh.ids.join(), `its newest list is ${show(asked.ids)} when it was given ${names(before)} before, and ${show(fresh.ids)} when it was not`)
}

async function standsAsYielded (bench: Bench): Promise<void> {
  const trial = bench.begin()
  const given = [...bench.candidates]
  const before = names(given)
  trial.give({ candidates: given })
  await trial.rest()
  trial.target.raise()
  await outcomeOf(trial)

  expect(names(given) === before, `it changed the list that it was given, from ${before} to ${names(given)}`)

  for (const { value, candidates } of trial.outputs) {
    expect(names(value.candidates) === names(candidates), `it changed a list that it had yielded, from ${names(candidates)} to ${names(value.candidates)}`)
    expect(new Set(candidates.map(({ id }) => id)).size === candidates.length, `it yielded an address twice in one list: ${names(candidates)}`)
  }
}

export const whole = all(replaces, standsAsYielded)
