import type { ParsedTarget } from './target.ts'

/** Finds the pending dial of the same peer (or, where no peer is known, of the very same addresses) and the same join key, in constant time */
export class Joins<D> {
  readonly #byKey = new Map<string, Map<string, D>>()

  find (target: ParsedTarget, joinKey: string): D | undefined {
    return this.#byKey.get(joinKey)?.get(keyOf(target))
  }

  /** Keeps a dial that is there already */
  add (dial: D, target: ParsedTarget, joinKey: string): void {
    const dials = this.#byKey.get(joinKey) ?? new Map<string, D>()
    const at = keyOf(target)
    this.#byKey.set(joinKey, dials)

    if (!dials.has(at)) {
      dials.set(at, dial)
    }
  }

  delete (dial: D, target: ParsedTarget, joinKey: string): void {
    const dials = this.#byKey.get(joinKey)
    const at = keyOf(target)

    if (dials?.get(at) === dial) {
      dials.delete(at)
    }

    if (dials?.size === 0) {
      this.#byKey.delete(joinKey)
    }
  }
}

/** Addresses without a peer may lead to several: whoever asks for one of them is not given another */
function keyOf ({ peer, multiaddrs }: ParsedTarget): string {
  return peer ?? [...new Set(multiaddrs.map(String))].toSorted().join(' ')
}
