import { NothingElse } from './nothing-else.ts'
import type { Candidate, Dial, Failures, List } from '../pipeline/types.ts'

/** An address that failed lately, and when it may be tried again */
export interface Hold {
  readonly failures: Failures
  readonly until: number
}

/** Milliseconds from one try of an address to the next, also where nothing else is left to try */
const LEAST = 1_000

/**
 * Chooses the one address that a dial tries before its hold is over, where all others are held back too or have failed.
 * libp2p's own dialer would try them all, and its reconnect queue gives up after a few dials in vain.
 */
export class LastChance {
  readonly #nothingElse: NothingElse
  #chosen?: { readonly id: string, readonly at: number }

  constructor (dial: Dial) {
    this.#nothingElse = new NothingElse(dial)
  }

  /** Undefined: there is something else to try, or there may be */
  of (list: List, holds: ReadonlyMap<Candidate, Hold>): { candidate: Candidate, at: number } | undefined {
    if (this.#chosen == null && this.#nothingElse.isLeft(list, one => holds.has(one))) {
      const [first] = [...holds].toSorted(([, a], [, b]) => a.until - b.until)
      this.#chosen = first == null ? undefined : { id: first[0].id, at: Math.min(first[1].until, first[1].failures.at + LEAST) }
    }

    const candidate = this.#chosen == null ? undefined : [...holds.keys()].find(({ id }) => id === this.#chosen?.id)

    return candidate == null || this.#chosen == null ? undefined : { candidate, at: this.#chosen.at }
  }
}
