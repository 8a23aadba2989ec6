/** Has work for one key done one after another, in the order of the calls. Keys without work take no memory */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  async take<T> (key: string, fn: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key)
    const mine = before == null ? fn() : before.then(fn, fn)
    this.#last.set(key, mine)

    try {
      return await mine
    } finally {
      if (this.#last.get(key) === mine) {
        this.#last.delete(key)
      }
    }
  }
}
