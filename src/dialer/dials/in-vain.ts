import { failureOf, isOwnFailure } from '../../history/failure.ts'
import type { AttemptStory, Story } from '../../pipeline/runtime/story.ts'

/** Something was attempted, all of it failed, and not for a fault of this machine or its network alone */
export function wasInVain ({ addresses }: Story): boolean {
  const attempts = [...addresses.values()].flatMap(({ attempts }) => attempts)

  return attempts.every(hasNoConnection) && attempts.some(isOfPeer)
}

/** One that was refused by the application was a connection all the same */
function hasNoConnection ({ result, error }: AttemptStory): boolean {
  return result === 'failed' && error?.name !== 'VerificationError'
}

function isOfPeer ({ error, requestedAt, startedAt = requestedAt, firstResponseAt, endedAt = startedAt }: AttemptStory): boolean {
  return error != null && !isOwnFailure(failureOf(error, endedAt - startedAt, firstResponseAt != null))
}
