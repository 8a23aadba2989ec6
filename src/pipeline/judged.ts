import { isPipelineFault, toError } from './errors.ts'
import type { Verdict } from './filter.ts'
import type { Candidate, Dial, List } from './types.ts'

/** A list without what is dropped. Every verdict is told to the dial */
export function judged (list: List, dial: Dial, judge: (candidate: Candidate) => Verdict): List {
  const candidates = list.candidates.filter(candidate => {
    try {
      const verdict = judge(candidate)
      dial.verdict(candidate, verdict)

      return verdict === true
    } catch (err) {
      dropUnjudged(candidate, err, dial)

      return false
    }
  })

  return { ...list, candidates }
}

/**
 * Drops an address whose judge has thrown or rejected: the error costs no other address
 *
 * @throws what was thrown, where the stage itself is at fault, or the dial has ended
 */
export function dropUnjudged (candidate: Candidate, thrown: unknown, dial: Dial): void {
  if (isPipelineFault(thrown) || dial.signal.aborted) {
    throw thrown
  }

  const error = toError(thrown)
  dial.log.error('could not judge %s - %e', candidate.id, error)
  dial.verdict(candidate, `could not be judged: ${error.message}`, error)
}
