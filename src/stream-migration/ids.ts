import { compare } from 'uint8arrays/compare'
import type { PeerId } from '@libp2p/interface'

/** Of two peers, which wins where both cannot: the one with the lower multihash */
export function isLower (a: PeerId, b: PeerId): boolean {
  return compare(a.toMultihash().bytes, b.toMultihash().bytes) < 0
}

/** Ids of the streams between two peers: even those that the lower one opens, odd those of the other */
export class StreamIds {
  readonly #self: PeerId

  // ids of a node that has restarted are not those that others still know from before
  #count = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0

  constructor (self: PeerId) {
    this.#self = self
  }

  next (remote: PeerId): number {
    return 2 * this.#count++ + (isLower(this.#self, remote) ? 0 : 1)
  }

  /** Whether `remote` may have chosen the id */
  isOf (remote: PeerId, id: number): boolean {
    return id % 2 === (isLower(remote, this.#self) ? 0 : 1)
  }
}
