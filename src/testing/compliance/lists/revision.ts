import { expect } from '../rule.ts'
import { outcomeOf } from './look.ts'
import type { Bench } from '../bench.ts'

/** A list that was made from an older state says so: else a race takes it for the newest, and ends */
export async function revision (bench: Bench): Promise<void> {
  const trial = bench.begin()
  trial.isBehind = true
  trial.give({ candidates: bench.candidates })
  await outcomeOf(trial)
  trial.target.raise()
  trial.target.raise()

  for (const given of [trial.revision - 1, trial.revision]) {
    const before = trial.outputs.length
    trial.giveAgain(given)
    const { value } = await outcomeOf(trial)
    // one that says nothing when it is asked again breaks another point
    expect(trial.outputs.length === before || value.revision === given, `it yielded a list of revision ${value.revision} when it was given one of revision ${given}, and the dial was at ${trial.revision}`)
  }
}
