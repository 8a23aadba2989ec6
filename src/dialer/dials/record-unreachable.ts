import { failureOf, isAnswer, isOwnFailure } from '../../pipeline/failure.ts'
import { recorderOf } from '../attempts/outcome.ts'
import type { SilentAttempt } from '../../history/recorder.ts'
import type { Failure } from '../../pipeline/failure.ts'
import type { AttemptStory, Story } from '../../pipeline/runtime/story.ts'
import type { DialHistory } from '../../pipeline/types.ts'
import type { Logger, PeerId } from '@libp2p/interface'

/**
 * Records in the node's history that a dial without a connection has found its peer unreachable. Never throws: no caller could handle the error
 *
 * @param wasCut whether the dial was ended from outside, such as by the signal of its last caller. The silence until then is a part of a failure
 */
export function recordUnreachable (peer: PeerId, story: Story, { history, log }: { history: DialHistory, log: Logger }, wasCut: boolean): void {
  try {
    const silent = wasCut ? silentAttempts(story) : undefined

    if (silent == null ? haveAllFailed(story) : silent.length > 0) {
      recorderOf(history).unreachable?.(peer, wereAllTried(story), silent)
    }
  } catch (err) {
    log.error('could not record the failure of the dial to %p - %e', peer, err)
  }
}

/** Returns whether all attempts have failed, and at least one of them not through a fault of this machine or its network */
function haveAllFailed ({ addresses }: Story): boolean {
  // a cancelled attempt has no outcome: another one won, or the network has changed
  const attempts = [...addresses.values()].flatMap(({ attempts }) => attempts).filter(({ result }) => result !== 'cancelled')

  return attempts.every(hasNoConnection) && attempts.some(isOfPeer)
}

/** Returns whether neither a limit nor the end of the dial has left out an address that the dial might have tried */
function wereAllTried (story: Story): boolean {
  return ![...story.addresses].some(([id, { dropped, position }]) => (dropped == null ? position != null : dropped.crowdedOutAs != null) && !story.isAttempted(id))
}

/** Returns the latest attempt of each address that has not answered. Empty when another attempt has an answer: the peer is online then */
function silentAttempts ({ addresses }: Story): SilentAttempt[] {
  const stories = [...addresses.values()]

  return stories.some(({ attempts }) => attempts.some(hasAnswer)) ? [] : stories.flatMap(({ candidate, attempts }) => {
    const last = attempts.findLast(({ startedAt }) => startedAt != null)

    return last?.startedAt == null || last.endedAt == null || (causeOf(last) ?? 'silent') !== 'silent' ? [] : [{ candidate, startedAt: last.startedAt, endedAt: last.endedAt }]
  })
}

function hasAnswer (attempt: AttemptStory): boolean {
  const failure = causeOf(attempt)

  return attempt.firstResponseAt != null || attempt.result === 'connected' || (failure != null && isAnswer(failure))
}

/** Returns whether an attempt yielded no connection. A connection that `verify()` refused counts as a connection */
function hasNoConnection ({ result, error }: AttemptStory): boolean {
  return result === 'failed' && error?.name !== 'VerificationError'
}

function isOfPeer (attempt: AttemptStory): boolean {
  const failure = causeOf(attempt)

  return failure != null && !isOwnFailure(failure)
}

function causeOf ({ error, requestedAt, startedAt = requestedAt, firstResponseAt, endedAt = startedAt }: AttemptStory): Failure | undefined {
  return error == null ? undefined : failureOf(error, endedAt - startedAt, firstResponseAt != null)
}
