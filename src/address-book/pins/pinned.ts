import type { PeerEntry } from '../entry.ts'

/** The part of a book that pins may take */
const PART = 0.5

/** Which peers are pinned: at most half of those that a book has place for, so that pins never starve it */
export class Pinned {
  readonly #max: number
  readonly #entries = new Map<string, PeerEntry>()

  constructor (maxPeers: number) {
    this.#max = Math.max(1, Math.floor(maxPeers * PART))
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
