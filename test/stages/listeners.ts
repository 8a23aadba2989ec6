import { getEventListeners } from 'node:events'
import type { Trial } from '../../src/testing/compliance/trial.ts'

/** How many listen for the end of a trial's dial */
export function listeners ({ part }: Trial): number {
  return getEventListeners(part.signal, 'abort').length
}
