import { firstDifference } from '../differences.ts'
import { live } from '../life.ts'
import { anyStage } from '../rule.ts'
import { expect } from '../violation.ts'
import { onAnotherDay } from '../wall-clock.ts'
import type { Bench } from '../bench.ts'
import type { Point } from '../rule.ts'
import type { Trial } from '../trial.ts'

export const usesTheClock: Point = {
  title: 'time comes from the clock of the dial only',
  holdsFor: anyStage,
  check: async bench => {
    const [today, alike] = [await lived(bench), await lived(bench)]
    let tomorrow = today
    const timers = await onAnotherDay(async () => { tomorrow = await lived(bench) })
    expect(timers.length === 0, `it waits on the platform's timers and not on the dial's clock: ${timers[0]}`)

    // a stage that differs between two equal runs is reported by stands-alone.ts
    const difference = firstDifference(today, alike) == null ? firstDifference(today, tomorrow) : undefined
    expect(difference == null, `it reads the platform's clock and not dial.clock: with that going wrong there was ${difference}`)
  }
}

export async function lived (bench: Bench): Promise<Trial> {
  const trial = bench.begin()
  await live(bench, trial)

  return trial
}
