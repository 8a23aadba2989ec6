/** Remembers what was made of a string lately, twice `max` of them at most. A cache: what is forgotten is made again */
export class Recent<T> {
  readonly #max: number
  #young = new Map<string, T>()
  #old = new Map<string, T>()

  constructor (max: number) {
    this.#max = max
  }

  get (key: string, make: (key: string) => T): T {
    const young = this.#young.get(key)

    if (young !== undefined) {
      return young
    }

    const value = this.#old.get(key) ?? make(key)

    if (this.#young.size >= this.#max) {
      this.#old = this.#young
      this.#young = new Map()
    }

    this.#young.set(key, value)

    return value
  }
}
