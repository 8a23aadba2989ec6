import { Bounded } from '../pipeline/bounded.ts'
import { Expiry } from './expiry.ts'
import { SEQ_FLOOR_TTL } from './ttl.ts'
import type { Clock } from '../pipeline/clock.ts'

/** The maximum number of sequence numbers for each peer that the book has room for: numbers outlive their peers */
const PER_PEER = 8

const HOUR = 3_600_000

export interface SeqFloor {
  readonly seq: bigint
  /** The expiry, in milliseconds since the epoch */
  readonly expires: number
}

/**
 * The sequence numbers of removed signed records, so that an older record cannot replace them. They are kept apart from the peers: evicting a peer
 * does not remove its number
 */
export class SeqFloors {
  /** The maximum number of sequence numbers */
  readonly max: number
  readonly expiry: Expiry<string>
  readonly #clock: Clock
  readonly #onEnd: (peer: string) => void
  readonly #byPeer: Bounded<SeqFloor>

  /** @param onEnd called when the number of a peer has expired, within an hour, or was evicted */
  constructor (maxPeers: number, clock: Clock, onEnd: (peer: string) => void) {
    this.max = maxPeers * PER_PEER
    this.#clock = clock
    this.#onEnd = onEnd
    this.#byPeer = new Bounded(this.max, onEnd)
    this.expiry = new Expiry(clock, () => Array.from(this.#byPeer, ([peer]) => peer), peer => this.#sweep(peer))
  }

  get (peer: string): SeqFloor | undefined {
    const floor = this.#byPeer.get(peer)

    return floor != null && floor.expires > this.#clock.now() ? floor : undefined
  }

  /** Keeps the sequence number of a removed record */
  add (peer: string, seq: bigint): void {
    this.restore(peer, { seq, expires: this.#clock.now() + SEQ_FLOOR_TTL })
  }

  /** Keeps a stored sequence number, unless it has expired or a higher one is known */
  restore (peer: string, floor: SeqFloor): void {
    const known = this.get(peer)

    if (floor.expires > this.#clock.now() && (known == null || known.seq <= floor.seq)) {
      this.#byPeer.set(peer, floor)
      this.#watch(floor)
    }
  }

  delete (peer: string): void {
    this.#byPeer.delete(peer)
  }

  /** Schedules a sweep, at most once an hour: it looks at all numbers */
  #watch ({ expires }: SeqFloor): void {
    this.expiry.watch(Math.ceil(expires / HOUR) * HOUR)
  }

  /** Returns whether the number of a peer has expired */
  #sweep (peer: string): boolean {
    const floor = this.#byPeer.get(peer)
    const hasEnded = floor != null && floor.expires <= this.#clock.now()

    if (hasEnded) {
      this.#byPeer.delete(peer)
      this.#onEnd(peer)
    } else if (floor != null) {
      this.#watch(floor)
    }

    return hasEnded
  }
}
