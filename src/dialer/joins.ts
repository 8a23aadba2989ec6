import type { ParsedTarget } from './target.ts'

/** Finds the pending dial of the same peer (or, where no peer is known, of the same address) and the same meaning, in constant time */
export class Joins<D> {
  readonly #dials = new Map<string, D>()

  find (target: ParsedTarget, meaning: string): D | undefined {
    for (const key of keys(target, meaning)) {
      const dial = this.#dials.get(key)

      if (dial != null) {
        return dial
      }
    }
  }

  add (dial: D, target: ParsedTarget, meaning: string): void {
    for (const key of keys(target, meaning)) {
      if (!this.#dials.has(key)) {
        this.#dials.set(key, dial)
      }
    }
  }

  delete (dial: D, target: ParsedTarget, meaning: string): void {
    for (const key of keys(target, meaning)) {
      if (this.#dials.get(key) === dial) {
        this.#dials.delete(key)
      }
    }
  }
}

function keys ({ peerId, multiaddrs }: ParsedTarget, meaning: string): string[] {
  return peerId == null ? multiaddrs.map(multiaddr => `${meaning} ${multiaddr.toString()}`) : [`${meaning} ${peerId.toString()}`]
}
