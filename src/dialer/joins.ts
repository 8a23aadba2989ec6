import type { ParsedTarget } from './target.ts'

/** Finds the pending dial of the same peer (or, where no peer is known, of the very same addresses) and the same meaning, in constant time */
export class Joins<D> {
  readonly #byMeaning = new Map<string, Map<string, D>>()

  find (target: ParsedTarget, meaning: string): D | undefined {
    return this.#byMeaning.get(meaning)?.get(keyOf(target))
  }

  /** Keeps a dial that is there already */
  add (dial: D, target: ParsedTarget, meaning: string): void {
    const dials = this.#byMeaning.get(meaning) ?? new Map<string, D>()
    const key = keyOf(target)
    this.#byMeaning.set(meaning, dials)

    if (!dials.has(key)) {
      dials.set(key, dial)
    }
  }

  delete (dial: D, target: ParsedTarget, meaning: string): void {
    const dials = this.#byMeaning.get(meaning)
    const key = keyOf(target)

    if (dials?.get(key) === dial) {
      dials.delete(key)
    }

    if (dials?.size === 0) {
      this.#byMeaning.delete(meaning)
    }
  }
}

/** Addresses without a peer may lead to several: whoever asks for one of them is not given another */
function keyOf ({ peer, multiaddrs }: ParsedTarget): string {
  return peer ?? [...new Set(multiaddrs.map(String))].toSorted().join(' ')
}
