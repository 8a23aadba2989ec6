import { Bounded } from '../pipeline/bounded.ts'
import type { Keys } from './keys.ts'

/** The maximum number of peers with unexplained failures, and of failures of each */
const MAX = { peers: 2_000, failures: 32 }

/** Milliseconds in which an answer of the peer explains a failure: over a longer time, the peer may have been offline in between */
const SAME_STRETCH = 60_000

/** A failed attempt whose cause is unknown: the address, the path, or an offline peer */
export interface Unexplained {
  readonly keys: Keys
  /** The part of a failure that the attempt counts as, 0 to 1 */
  readonly weight: number
  readonly at: number
}

/** Keeps failures until their cause is known: from an answer of the peer, or the failure of its dial */
export class UnexplainedFailures {
  readonly #byPeer = new Bounded<Unexplained[]>(MAX.peers)

  add (peer: string, failure: Unexplained): void {
    const failures = this.#byPeer.renew(peer, () => [])

    if (failures.length < MAX.failures) {
      failures.push(failure)
    }
  }

  /** Removes the failures of a peer, and returns those of the last minute */
  take (peer: string, now: number): readonly Unexplained[] {
    const failures = this.#byPeer.get(peer) ?? []
    this.#byPeer.delete(peer)

    return failures.filter(({ at }) => Math.abs(now - at) < SAME_STRETCH)
  }
}
