import { firstDifference, recordOf } from '../differences.ts'
import { runLifecycle } from '../lifecycle.ts'
import { anyStage } from '../point.ts'
import { expect } from '../violation.ts'
import { onAnotherDay } from '../wall-clock.ts'
import type { Harness } from '../harness.ts'
import type { Point } from '../point.ts'
import type { RunRecord } from '../differences.ts'
import type { AnyStage } from '../../../pipeline/types.ts'

export const usesTheClock: Point = {
  title: 'the stage reads the time from the clock of the dial only',
  holdsFor: anyStage,
  check: async harness => {
    const [today, alike] = [await runOnce(harness), await runOnce(harness)]
    let tomorrow = today
    const timers = await onAnotherDay(async () => { tomorrow = await runOnce(harness) })
    expect(timers.length === 0, `it waits on the platform's timers instead of the dial's clock: ${timers[0]}`)

    // skipped for a stage that differs between two equal runs: stands-alone.ts reports that
    const difference = firstDifference(today, alike) == null ? firstDifference(today, tomorrow) : undefined
    expect(difference == null, `it reads the platform's clock instead of dial.clock: with a wrong platform clock there was ${difference}`)
  }
}

/**
 * Runs a stage through a typical dial
 *
 * @param stage the stage. Default: a new one
 */
export async function runOnce (harness: Harness, stage?: AnyStage): Promise<RunRecord> {
  const run = harness.begin({ stage })
  await runLifecycle(harness, run)

  return recordOf(run)
}
