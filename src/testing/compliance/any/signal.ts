import { expect } from '../rule.ts'
import { momentsOf } from './leaving.ts'
import type { Bench } from '../bench.ts'

/** A generator that is parked at an await cannot be returned: its own waits end with the signal */
export async function endsWithTheSignal (bench: Bench): Promise<void> {
  for (const moment of momentsOf(bench).filter(({ takes }) => takes == null)) {
    const trial = bench.begin()
    await moment.reach(bench, trial)
    trial.leave()
    await trial.settle()
    expect(trial.isOver, `the dial was aborted ${moment.name}, and it waits on: every wait of its own takes dial.signal`)
  }
}
