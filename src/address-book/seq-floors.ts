import { Bounded } from '../pipeline/bounded.ts'
import { SEQ_FLOOR_TTL } from './ttl.ts'

/** Sequence numbers that are kept for each peer of a full book */
const PER_PEER = 8

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
  readonly #byPeer: Bounded<SeqFloor>

  constructor (maxPeers: number) {
    this.#byPeer = new Bounded(maxPeers * PER_PEER)
  }

  get (peer: string, now: number): SeqFloor | undefined {
    const floor = this.#byPeer.get(peer)

    return floor != null && floor.expires > now ? floor : undefined
  }

  /** Keeps the sequence number of a removed record */
  add (peer: string, seq: bigint, now: number): void {
    this.restore(peer, { seq, expires: now + SEQ_FLOOR_TTL }, now)
  }

  restore (peer: string, floor: SeqFloor, now: number): void {
    const known = this.get(peer, now)
    this.#byPeer.set(peer, known == null || known.seq <= floor.seq ? floor : known)
  }

  delete (peer: string): void {
    this.#byPeer.delete(peer)
  }
}
