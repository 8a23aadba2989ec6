import { Bounded } from '../pipeline/bounded.ts'
import type { Keys } from './keys.ts'

/** How many peers have failures whose cause is not known, at most, and how many each of them has */
const MAX = { peers: 2_000, failures: 32 }

/** Milliseconds for which an answer of the peer explains a failure: in a longer time it may have come back */
const SAME_STRETCH = 60_000

/** An attempt in vain of which nobody knows the cause: the address, the way there, or the peer, which may be offline */
export interface Unexplained {
  readonly keys: Keys
  /** From 0 to 1: how much of a failure it is */
  readonly weight: number
  readonly at: number
}

/** Failures that wait for their cause: an answer of the peer, or the end of a dial in vain */
export class UnexplainedFailures {
  readonly #byPeer = new Bounded<Unexplained[]>(MAX.peers)

  add (peer: string, failure: Unexplained): void {
    const failures = this.#byPeer.renew(peer, newList)

    if (failures.length < MAX.failures) {
      failures.push(failure)
    }
  }

  /** Those of the last minute. None is kept any longer */
  take (peer: string, now: number): readonly Unexplained[] {
    const failures = this.#byPeer.get(peer)

    if (failures == null) {
      return NONE
    }

    this.#byPeer.delete(peer)

    return failures.filter(({ at }) => Math.abs(now - at) < SAME_STRETCH)
  }
}

const NONE: readonly Unexplained[] = []
const newList = (): Unexplained[] => []
