import { MAX_PINNED_PART } from '../limits.ts'
import type { PeerEntry } from '../entry.ts'

/** Which peers are pinned: at most a quarter of those that a book has room for, so that pins never starve it */
export class Pinned {
  readonly #max: number
  readonly #entries = new Map<string, PeerEntry>()

  constructor (maxPeers: number) {
    this.#max = Math.max(1, Math.floor(maxPeers * MAX_PINNED_PART))
  }

  hasRoomFor (id: string): boolean {
    return this.#entries.has(id) || this.#entries.size < this.#max || this.#forget() < this.#max
  }

  add (entry: PeerEntry): void {
    if (entry.holds.length > 0) {
      this.#entries.set(entry.id, entry)
    }
  }

  /** Those that are pinned no more. Answers how many still are */
  #forget (): number {
    for (const [id, { holds }] of this.#entries) {
      if (holds.length === 0) {
        this.#entries.delete(id)
      }
    }

    return this.#entries.size
  }
}
