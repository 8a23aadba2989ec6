import { Bounded } from '../pipeline/bounded.ts'
import type { Keys } from './keys.ts'

/** The maximum number of peers with unexplained failures, and of failures of each */
const MAX = { peers: 2_000, failures: 32 }

const NONE: readonly Unexplained[] = Object.freeze([])

/** Milliseconds in which an answer of the peer explains a failure: over a longer time, the peer may have been offline in between */
const SAME_STRETCH = 60_000

/** A failed attempt whose cause is unknown: the address, the path, or an offline peer */
export interface Unexplained {
  readonly keys: Keys
  /** The part of a failure that the attempt counts as, 0 to 1 */
  readonly weight: number
  readonly at: number
}

/** Keeps failures until their cause is known: from an answer of the peer, or the failure of its dial. Without a peer id the host stands for the peer */
export class UnexplainedFailures {
  /** The time of the latest answer at an address without a peer id, by host */
  readonly #answers = new Bounded<number>(MAX.peers)
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

  /** Records an answer of a host, which explains the failures there without a peer id. Removes and returns them */
  explainHost (keys: Keys, now: number): readonly Unexplained[] {
    if (keys.peer == null) {
      this.#answers.set(hostOf(keys), now)
    }

    return this.#byPeer.isEmpty ? NONE : this.take(hostOf(keys), now)
  }

  hasAnswered (keys: Keys, since: number): boolean {
    return (this.#answers.get(hostOf(keys)) ?? -Infinity) >= since
  }
}

/** Returns the key of a host, which is never a peer id */
export function hostOf ({ host, address }: Keys): string {
  return `host ${host ?? address}`
}
