import { abbreviate, isCandidate, isOversized, peerOf, TOO_LONG } from '../candidate.ts'
import { describeValue, ignoreRejections } from '../describe-value.ts'
import { InvalidStageOutputError } from '../errors.ts'
import type { StageWork } from './work.ts'
import type { Candidate } from '../types.ts'

/**
 * Returns the answer of a stage without addresses that are too long
 *
 * @throws InvalidStageOutputError if the answer is not an array of candidates of the dial's peer, or has one twice
 */
export function checkAnswer (answer: unknown, given: readonly Candidate[], work: StageWork): readonly Candidate[] {
  if (!Array.isArray(answer)) {
    ignoreRejections(answer)
    throw new InvalidStageOutputError(work.stage, `answered ${describeValue(answer)} where an array of candidates was expected`)
  }

  const known = new Set(given)
  const seen = new Set<string>()

  // the spread turns the holes of a sparse array into undefined, which filter() would skip
  return [...answer].filter((candidate: Candidate) => {
    const isNew = !known.has(candidate)

    if (isNew) {
      checkCandidate(candidate, answer, work)
    }

    if (seen.has(candidate.id)) {
      throw new InvalidStageOutputError(work.stage, `answered ${candidate.id} twice in one list`)
    }

    seen.add(candidate.id)

    if (isNew && isOversized(candidate.multiaddr)) {
      work.drop(abbreviate(candidate), TOO_LONG)

      return false
    }

    return !isNew || work.mayAdd(candidate)
  })
}

function checkCandidate (candidate: Candidate, answer: readonly unknown[], { stage, target: { peerId } }: StageWork): void {
  if (!isCandidate(candidate)) {
    ignoreRejections(answer)
    throw new InvalidStageOutputError(stage, `answered ${describeValue(candidate)} as a candidate: make candidates with candidate()`)
  }

  const peer = peerOf(candidate.multiaddr)

  if (peerId != null && peer !== undefined && peer !== peerId.toString()) {
    throw new InvalidStageOutputError(stage, `answered ${candidate.id}, an address of another peer than ${peerId.toString()}`)
  }
}
