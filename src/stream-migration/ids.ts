import { compare } from 'uint8arrays/compare'
import type { PeerId } from '@libp2p/interface'

/** Returns whether peer `a` wins against `b` in a conflict: the peer with the lower multihash wins */
export function isLower (a: PeerId, b: PeerId): boolean {
  return compare(a.toMultihash().bytes, b.toMultihash().bytes) < 0
}

/** Makes the ids of the streams between two peers. The lower peer uses even numbers, the other one odd numbers */
export class StreamIds {
  readonly #self: PeerId

  // random, so that a restarted node does not reuse ids that its peers still know
  #count = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0

  constructor (self: PeerId) {
    this.#self = self
  }

  next (remote: PeerId): number {
    return 2 * this.#count++ + (isLower(this.#self, remote) ? 0 : 1)
  }

  /** Returns whether `remote` may have chosen the id */
  isOf (remote: PeerId, id: number): boolean {
    return id % 2 === (isLower(remote, this.#self) ? 0 : 1)
  }
}
