import { live, recordOf } from '../life.ts'
import { anyStage } from '../rule.ts'
import { expect } from '../violation.ts'
import { onAnotherDay } from '../wall-clock.ts'
import type { Point } from '../rule.ts'

export const usesTheClock: Point = {
  title: 'time comes from the clock of the dial only',
  holdsFor: anyStage,
  check: async bench => {
    const today = bench.begin()
    await live(bench, today)
    let tomorrow = today
    const timers = await onAnotherDay(async () => {
      tomorrow = bench.begin()
      await live(bench, tomorrow)
    })

    expect(timers.length === 0, `it waits on the platform's timers and not on the dial's clock: ${timers.join(', ')}`)
    expect(recordOf(today) === recordOf(tomorrow), `it reads the platform's clock and not the dial's: with that going wrong it did otherwise:\n${recordOf(today)}\n\n${recordOf(tomorrow)}`)
  }
}
