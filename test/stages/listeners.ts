import type { Trial } from '../../src/testing/compliance/trial.ts'

/** How many listen for the end of a trial's dial */
export function listeners (trial: Trial): number {
  return trial.listeners
}
