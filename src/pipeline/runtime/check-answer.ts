import { abbreviated, isCandidate, isTooLong, peerOf, TOO_LONG } from '../candidate.ts'
import { describeValue, ignoreRejections } from '../describe-value.ts'
import { InvalidStageOutputError } from '../errors.ts'
import type { StageDial } from './stage-dial.ts'
import type { Candidate, Work } from '../types.ts'

/** The part of a stage's work that a check of its answer needs */
type AnsweringWork = Pick<Work, 'drop'> & { mayAdd (candidate: Candidate): boolean }

/**
 * Returns what a stage answered, without addresses that are too long
 *
 * @throws InvalidStageOutputError for what is not an array of candidates of the dial's peer, or has one twice
 */
export function checkAnswer (answer: unknown, given: readonly Candidate[], dial: StageDial, work: AnsweringWork): readonly Candidate[] {
  if (!Array.isArray(answer)) {
    ignoreRejections(answer)
    throw new InvalidStageOutputError(dial.stage, `answered ${describeValue(answer)} where an array of candidates was expected`)
  }

  const known = new Set(given)
  const seen = new Set<string>()

  for (const candidate of answer) {
    if (!known.has(candidate)) {
      checkCandidate(candidate, answer, dial)
    }

    if (seen.has(candidate.id)) {
      throw new InvalidStageOutputError(dial.stage, `answered ${candidate.id} twice in one list`)
    }

    seen.add(candidate.id)
  }

  return withoutTooLong([...answer], known, work)
}

function checkCandidate (candidate: Candidate, answer: readonly unknown[], { stage, target: { peerId } }: StageDial): void {
  if (!isCandidate(candidate)) {
    ignoreRejections(answer)
    throw new InvalidStageOutputError(stage, `answered ${describeValue(candidate)} as a candidate: make candidates with candidate()`)
  }

  const peer = peerOf(candidate.multiaddr)

  if (peerId != null && peer !== undefined && peer !== peerId.toString()) {
    throw new InvalidStageOutputError(stage, `answered ${candidate.id}, an address of another peer than ${peerId.toString()}`)
  }
}

function withoutTooLong (answer: readonly Candidate[], known: ReadonlySet<Candidate>, work: AnsweringWork): readonly Candidate[] {
  return answer.filter(candidate => {
    if (known.has(candidate)) {
      return true
    }

    if (isTooLong(candidate)) {
      work.drop(abbreviated(candidate), TOO_LONG)

      return false
    }

    return work.mayAdd(candidate)
  })
}

/** @throws InvalidStageOutputError for what is not a candidate. @param what the stage has done with it */
export function checkWhich (stage: string, value: unknown, what: string): void {
  if (!isCandidate(value)) {
    throw new InvalidStageOutputError(stage, `${what} ${describeValue(value)} where a candidate was expected`)
  }
}
