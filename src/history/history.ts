import { routeOf } from './route.ts'
import { belief } from './belief.ts'
import type { Belief } from './belief.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Candidate, DialHistory, Estimate, Failures, PathRecord } from '../pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'

export interface HistoryInit {
  /** What to believe of an address of which nothing is known */
  belief?: Partial<Belief>
}

/** What came of an attempt */
export interface Attempted {
  readonly candidate: Candidate
  readonly startedAt: number
  readonly firstResponseAt?: number
  readonly endedAt: number
  /** Undefined: it connected */
  readonly error?: Error
  /** Nobody wanted it any more: it says only that there was no answer until then */
  readonly isCancelled: boolean
}

/** What a node has learnt by dialling, and by being dialled */
export class History implements DialHistory {
  readonly #clock: Clock
  readonly #belief: Belief

  constructor (clock: Clock, init: HistoryInit = {}) {
    this.#clock = clock
    this.#belief = belief(init.belief)
  }

  /** An attempt has ended */
  attempted (_attempt: Attempted): void {
  }

  /** There is a connection to a peer, whoever began it */
  connected (_peer: PeerId): void {
  }

  /** Every address of a peer was tried and failed */
  unreachable (_peer: PeerId): void {
  }

  estimate ({ multiaddr }: Candidate): Estimate {
    const { roundTrips, overhead } = routeOf(multiaddr)
    const { success, online, roundTrip, spread } = this.#belief

    return {
      success,
      valid: Math.min(1, success / online),
      firstResponse: { mu: Math.log(roundTrip * roundTrips.first), sigma: spread },
      connect: roundTrip * roundTrips.all + overhead,
      roundTrips
    }
  }

  failures (_candidate: Candidate): Failures | undefined {
    return undefined
  }

  online (_peer: PeerId): number {
    return this.#belief.online
  }

  path (_kind: 'udp' | 'ip6'): PathRecord {
    void this.#clock.now()
    return { successes: 0, failures: 0, failuresInARow: 0 }
  }
}
