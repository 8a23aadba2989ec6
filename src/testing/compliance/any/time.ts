import { names, outcomeOf } from '../lists/look.ts'
import { expect } from '../rule.ts'
import { live, recordOf } from './scenario.ts'
import { onAnotherDay } from './wall-clock.ts'
import type { Bench } from '../bench.ts'

const DAY = 24 * 60 * 60 * 1000

/** The same happens on another day, and no timer is set but those of the dial's clock */
export async function onlyTheDialsClock (bench: Bench): Promise<void> {
  const today = bench.begin()
  await live(bench, today)
  today.checkAlive()
  let tomorrow = today
  const timers = await onAnotherDay(async () => {
    tomorrow = bench.begin()
    await live(bench, tomorrow)
  })

  expect(timers.length === 0, `it waits on the platform's timers and not on the dial's clock: ${timers.join(', ')}`)
  expect(recordOf(today) === recordOf(tomorrow), `it reads the platform's clock and not the dial's: with that a day ahead it did otherwise:\n${recordOf(today)}\n\n${recordOf(tomorrow)}`)
}

/** Nobody asks it when the time has come */
export async function yieldsByItself (bench: Bench): Promise<void> {
  const [sooner, now] = await askedAgainAfter(bench, 0)
  const [unasked, later] = await askedAgainAfter(bench, DAY)

  // one that says something else whenever it is asked breaks another point
  expect(sooner !== now || unasked === later, `its newest list was ${unasked}, and ${later} when it was asked a day later: what changes with time it has to yield by itself`)
}

/** Its newest list before it is asked, and after */
async function askedAgainAfter (bench: Bench, ms: number): Promise<[string, string]> {
  const trial = bench.begin()
  trial.give({ candidates: bench.candidates })
  await trial.rest()
  await trial.pass(ms)
  const before = await outcomeOf(trial)
  trial.target.raise()
  const after = await outcomeOf(trial)

  return [names(before.candidates), names(after.candidates)]
}
