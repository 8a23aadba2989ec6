/** Keeps the latest few */
export class Recent<T> {
  readonly #size: number
  #items: T[] = []

  constructor (size: number = 64) {
    this.#size = size
  }

  get items (): readonly T[] {
    return this.#size === 0 ? [] : this.#items.slice(-this.#size)
  }

  /** @param make makes what is kept, if anything is */
  add (make: () => T): void {
    if (this.#size === 0) {
      return
    }

    this.#items.push(make())

    // now and then, so that adding stays cheap
    if (this.#items.length >= this.#size * 2) {
      this.#items = [...this.items]
    }
  }
}
