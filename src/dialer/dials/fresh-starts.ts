import type { AttemptRequest } from '../attempts/attempt-request.ts'
import type { Story } from '../../pipeline/runtime/story.ts'
import type { Candidate } from '../../pipeline/types.ts'

/** Milliseconds: half of the time that an attempt has */
const LATE = 3_000

/** Which attempts of one dial have begun anew, and may */
export class FreshStarts {
  readonly #restarted = new Set<string>()
  readonly #placesLeft = new Set<string>()

  /**
   * What an attempt is told of it. It begins anew once in another network, as one network may seem to change again and again: not late,
   * where the dial has others to go on with
   */
  of ({ id }: Candidate, story: Story): Pick<AttemptRequest, 'mayRestart' | 'onRestart' | 'hasLeftPlace' | 'onPlaceLeft'> {
    return {
      mayRestart: age => !this.#restarted.has(id) && (age <= LATE || !hasOthers(story)),
      onRestart: () => { this.#restarted.add(id) },
      hasLeftPlace: this.#placesLeft.has(id),
      onPlaceLeft: () => { this.#placesLeft.add(id) }
    }
  }
}

/** Whether there is something that the dial has not attempted yet */
function hasOthers ({ addresses }: Story): boolean {
  return [...addresses.values()].some(({ listed, dropped, attempts }) => listed && dropped == null && attempts.length === 0)
}
