/**
 * A map that holds at most `max` entries and forgets those that were set least recently. It has two generations: when the
 * young one is full it becomes the old one, and what was old is forgotten. So each entry costs the same, however many
 * there are: a Map from which the first is taken over and over looks through all that were taken before
 */
export class Bounded<V> {
  readonly #half: number
  #young = new Map<string, V>()
  #old = new Map<string, V>()

  constructor (max: number) {
    this.#half = Math.max(1, Math.ceil(max / 2))
  }

  get (key: string): V | undefined {
    return this.#young.get(key) ?? (this.#old.size === 0 ? undefined : this.#old.get(key))
  }

  set (key: string, value: V): void {
    this.#young.set(key, value)

    if (this.#young.size >= this.#half) {
      this.#old = this.#young
      this.#young = new Map()
    }
  }

  /** What is there, or what is made now; from now on the newest */
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

  /** Oldest first */
  * [Symbol.iterator] (): Generator<[string, V]> {
    for (const entry of this.#old) {
      if (!this.#young.has(entry[0])) {
        yield entry
      }
    }

    yield * this.#young
  }
}
