import { expect } from '../rule.ts'
import { outcomeOf, show } from './look.ts'
import type { Bench } from '../bench.ts'

/** Whether the stage is at work on what is withdrawn, or is done with it: nothing of it comes any more */
export async function withdrawn (bench: Bench): Promise<void> {
  if (bench.from !== 'candidates') {
    return
  }

  for (const rest of bench.candidates.map(one => [one])) {
    const fresh = bench.begin()
    fresh.give({ candidates: rest })
    await outcomeOf(fresh)

    for (const doneFirst of [true, false]) {
      const trial = bench.begin()
      trial.give({ candidates: bench.candidates })
      await (doneFirst ? trial.rest() : trial.settle())
      trial.give({ candidates: rest })
      await outcomeOf(trial)
      // one that is over before its source breaks another point
      expect(trial.ended || trial.ids.join() === fresh.ids.join(), `all but ${show(rest.map(({ id }) => id))} were withdrawn ${doneFirst ? 'after' : 'during'} its work, and its newest list is ${show(trial.ids)} and not ${show(fresh.ids)}`)
    }
  }
}
