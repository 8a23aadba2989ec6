/**
 * A map of at most `max` entries that evicts the entries that were set least recently. It keeps two generations: a full young generation becomes
 * the old one, and the former old one is evicted. Every operation takes constant time. A single Map would scan its deleted entries to find the
 * first one
 */
export class Bounded<V> {
  readonly #half: number
  readonly #onEvict?: (key: string) => void
  #young = new Map<string, V>()
  #old = new Map<string, V>()

  constructor (max: number, onEvict?: (key: string) => void) {
    this.#half = Math.max(1, Math.ceil(max / 2))
    this.#onEvict = onEvict
  }

  get isEmpty (): boolean {
    return this.#young.size + this.#old.size === 0
  }

  get (key: string): V | undefined {
    return this.#young.get(key) ?? (this.#old.size === 0 ? undefined : this.#old.get(key))
  }

  set (key: string, value: V): void {
    this.#young.set(key, value)

    if (this.#young.size >= this.#half) {
      const evicted = this.#old
      this.#old = this.#young
      this.#young = new Map()

      for (const key of this.#onEvict == null ? [] : evicted.keys()) {
        if (!this.#old.has(key)) {
          this.#onEvict?.(key)
        }
      }
    }
  }

  /** Returns the value of a key, or adds the one that `make` returns. The entry is in the young generation then */
  renew (key: string, make: () => V): V {
    const value = this.#young.get(key)

    if (value !== undefined) {
      return value
    }

    const renewed = this.#old.get(key) ?? make()
    this.set(key, renewed)

    return renewed
  }

  delete (key: string): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }

  /** Iterates over the entries, the old generation first */
  * [Symbol.iterator] (): Generator<[string, V]> {
    for (const entry of this.#old) {
      if (!this.#young.has(entry[0])) {
        yield entry
      }
    }

    yield * this.#young
  }
}
