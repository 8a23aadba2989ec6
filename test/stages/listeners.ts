import type { StageRun } from '../../src/testing/compliance/stage-run.ts'

/** Returns the number of listeners on the signal of a run's dial */
export function listeners (trial: StageRun): number {
  return trial.listeners
}
