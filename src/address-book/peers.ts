import { PeerEntry } from './entry.ts'

/** How many peers are looked at for one that can make place */
const MAX_LOOKS = 64

export interface PeersInit {
  readonly max: number
  canLeave (entry: PeerEntry): boolean
  onLeave (entry: PeerEntry): void
}

/** A number of peers: the one that was last heard of stands last, and the first makes place for others */
export class Peers {
  readonly #init: PeersInit
  readonly #entries = new Map<string, PeerEntry>()

  constructor (init: PeersInit) {
    this.#init = init
  }

  get size (): number {
    return this.#entries.size
  }

  get entries (): Iterable<PeerEntry> {
    return this.#entries.values()
  }

  get (id: string): PeerEntry | undefined {
    return this.#entries.get(id)
  }

  /** That of a peer, which was heard of now; a new one where it is not known. Undefined: nobody makes place */
  open (id: string): PeerEntry | undefined {
    const known = this.#entries.get(id)

    if (known != null) {
      this.#toEnd(known)

      return known
    }

    return this.add(new PeerEntry(id))
  }

  add (entry: PeerEntry): PeerEntry | undefined {
    if (this.#entries.size >= this.#init.max && !this.#makePlace()) {
      return
    }

    this.#entries.set(entry.id, entry)

    return entry
  }

  delete (id: string): boolean {
    return this.#entries.delete(id)
  }

  #makePlace (): boolean {
    let looks = 0

    for (const entry of this.#entries.values()) {
      if (this.#init.canLeave(entry)) {
        this.#entries.delete(entry.id)
        this.#init.onLeave(entry)

        return true
      }

      if (++looks === MAX_LOOKS) {
        break
      }

      // it is not looked at again before all others were
      this.#toEnd(entry)
    }

    return false
  }

  #toEnd (entry: PeerEntry): void {
    this.#entries.delete(entry.id)
    this.#entries.set(entry.id, entry)
  }
}
