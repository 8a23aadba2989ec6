const TURNS = Symbol.for('libp2p-dial-pipeline.turns')

/** Has work for one key done one after another, in the order of the calls. Keys without work take no memory */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  isBusy (key: string): boolean {
    return this.#last.size > 0 && this.#last.has(key)
  }

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

/** The turns of all that write to a peer store, by peer. They lie in the peer store: there may be several copies of this package */
export function turnsOf (store: object & { [TURNS]?: Turns }): Turns {
  if (store[TURNS] == null) {
    Object.defineProperty(store, TURNS, { value: new Turns() })
  }

  return store[TURNS] as Turns
}
