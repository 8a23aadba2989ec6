import { isFinal } from '../pipeline/errors.ts'
import type { Candidate, Dial, Failed, List, Start } from '../pipeline/types.ts'

/** Milliseconds from a failure to the next try of the same address, doubled by each try */
const FIRST = 1_000

/**
 * Tries addresses again that have failed, while a source looks further because all have. A look-up may take longer than a peer
 * needs to restart, and libp2p's reconnect queue, which would try again after 1 s, 2 s, 4 s, …, waits for the dial.
 */
export class Meanwhile {
  readonly #dial: Dial
  #tries = 0
  #since?: number

  constructor (dial: Dial) {
    this.#dial = dial
  }

  /** The address that failed first, and when it is tried again. Undefined: nothing is looked for, or nothing can change */
  next ({ candidates, isLookingFurther }: List): Start | undefined {
    if (isLookingFurther !== true || this.#dial.hasConnection) {
      return
    }

    // most look-ups end at once
    this.#since ??= this.#dial.clock.now()

    const failed = new Map<string, Failed>()

    for (const outcome of this.#dial.outcomes) {
      if (outcome.status === 'failed') {
        failed.set(outcome.candidate.id, outcome)
      }
    }

    const [first] = candidates.flatMap(candidate => againAt(candidate, failed.get(candidate.id))).toSorted((a, b) => a.at - b.at)

    return first == null ? undefined : { candidate: first.candidate, at: Math.max(first.at, this.#since) + FIRST * 2 ** this.#tries }
  }

  begun (): void {
    this.#tries++
  }
}

function againAt (candidate: Candidate, outcome?: Failed): Array<{ candidate: Candidate, at: number }> {
  return outcome == null || isFinal(outcome.error) ? [] : [{ candidate, at: outcome.endedAt }]
}
