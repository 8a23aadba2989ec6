import { Bounded } from '../pipeline/bounded.ts'
import { SEQ_FLOOR_TTL } from './ttl.ts'

/** How many are kept at most for each peer that a book can have */
const PER_PEER = 8

export interface Floor {
  readonly seq: bigint
  /** In milliseconds since the epoch */
  readonly until: number
}

/**
 * The sequence numbers of signed records that are gone, so that an older record cannot take their place. They live apart from the
 * peers: whoever has a peer evicted does not have its number forgotten
 */
export class Floors {
  readonly #byPeer: Bounded<Floor>

  constructor (maxPeers: number) {
    this.#byPeer = new Bounded(maxPeers * PER_PEER)
  }

  get (peer: string, now: number): Floor | undefined {
    const floor = this.#byPeer.get(peer)

    return floor != null && floor.until > now ? floor : undefined
  }

  /** A record is gone */
  raise (peer: string, seq: bigint, now: number): void {
    this.restore(peer, { seq, until: now + SEQ_FLOOR_TTL }, now)
  }

  restore (peer: string, floor: Floor, now: number): void {
    const known = this.get(peer, now)
    this.#byPeer.set(peer, known == null || known.seq <= floor.seq ? floor : known)
  }

  delete (peer: string): void {
    this.#byPeer.delete(peer)
  }
}
