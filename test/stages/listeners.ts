import type { StageRun } from '../../src/testing/compliance/stage-run.ts'

/** How many listen for the end of a trial's dial */
export function listeners (trial: StageRun): number {
  return trial.listeners
}
