import { isPipelineFault, toError } from '../errors.ts'
import type { Candidate, Dial, Work } from '../types.ts'

/**
 * Drops an address whose judge has thrown or rejected: the error costs no other address
 *
 * @throws what was thrown, where the stage itself is at fault, or the dial has ended
 */
export function dropUnjudged (candidate: Candidate, thrown: unknown, dial: Dial, work: Work): void {
  if (isPipelineFault(thrown) || dial.signal.aborted) {
    throw thrown
  }

  const error = toError(thrown)
  dial.log.error('could not judge %s - %e', candidate.id, error)
  work.drop(candidate, `could not be judged: ${error.message}`, error)
}
