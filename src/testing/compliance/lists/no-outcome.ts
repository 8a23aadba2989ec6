import { expect } from '../rule.ts'
import { failAll } from './look.ts'
import type { Bench } from '../bench.ts'

/** Nobody dials before a stage that waits for an outcome has yielded what to dial */
export async function noOutcome (bench: Bench): Promise<void> {
  const trial = bench.begin()
  trial.give({ candidates: bench.candidates })
  await trial.rest()
  trial.checkAlive()

  if (trial.last?.value.complete !== true) {
    await failAll(trial, bench.candidates)
    // one that is never complete breaks another point
    expect(trial.last?.value.complete !== true, 'it yielded a complete list only after attempts had failed, for which it must not wait')
  }
}
