import { isCandidate } from '../../pipeline/candidate.ts'
import { describeValue } from '../../pipeline/describe-value.ts'
import { isThenable } from '../../pipeline/foreign-promises.ts'
import type { Candidate } from '../../pipeline/types.ts'

/** The error of a wrong fixture, as opposed to a wrong stage */
export class FixtureError extends Error {
  static override name = 'FixtureError'

  constructor (message: string) {
    super(message)
    this.name = 'FixtureError'
  }
}

/** @throws FixtureError for a promise: the suite is synchronous here and would run without the answer of the fixture */
export function checkPlain<T> (name: string, answer: T): T {
  if (isThenable(answer)) {
    throw new FixtureError(`The fixture's ${name}() answered ${describeValue(answer)}: the suite does not wait for it`)
  }

  return answer
}

/** @throws FixtureError unless the answer is an array of at least three candidates */
export function checkCandidates (answer: readonly Candidate[]): readonly [Candidate, Candidate, Candidate, ...Candidate[]] {
  checkPlain('candidates', answer)
  const wrong = Array.isArray(answer) ? answer.find(one => !isCandidate(one)) : answer

  if (!Array.isArray(answer) || answer.length < 3 || wrong != null) {
    throw new FixtureError(`The fixture's candidates() answered ${describeValue(wrong ?? answer)}: it answers three candidates or more, each made with candidate(multiaddr, peerId)`)
  }

  return answer as unknown as readonly [Candidate, Candidate, Candidate, ...Candidate[]]
}
