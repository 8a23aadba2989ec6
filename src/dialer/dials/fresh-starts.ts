import type { Story } from '../../pipeline/runtime/story.ts'
import type { Candidate } from '../../pipeline/types.ts'

/** Milliseconds: half of the time that an attempt has */
const LATE = 3_000

/** Which addresses of one dial were attempted anew, and may be */
export class FreshStarts {
  readonly #story: Story
  #restarted?: Set<string>
  #placesLeft?: Set<string>

  constructor (story: Story) {
    this.#story = story
  }

  /**
   * Whether an attempt of that age may begin anew in another network. Once for each address, as one network may seem to change again and
   * again. Not late, where the dial has others to go on with
   */
  mayRestart ({ id }: Candidate, age: number): boolean {
    return this.#restarted?.has(id) !== true && (age <= LATE || !hasOthers(this.#story))
  }

  restarted ({ id }: Candidate): void {
    this.#restarted = (this.#restarted ?? new Set()).add(id)
  }

  /** Whether the dial has left the places of an address to others before */
  hasLeftPlace ({ id }: Candidate): boolean {
    return this.#placesLeft?.has(id) === true
  }

  leftPlace ({ id }: Candidate): void {
    this.#placesLeft = (this.#placesLeft ?? new Set()).add(id)
  }
}

/** Whether there is something that the dial has not attempted yet */
function hasOthers ({ addresses }: Story): boolean {
  return [...addresses.values()].some(({ listed, dropped, attempts }) => listed && dropped == null && attempts.length === 0)
}
