import { settledOrAborted } from '../pipeline/foreign-promises.ts'

const TURNS = Symbol.for('libp2p-dial-pipeline.turns')

/** How many turns somebody waits for at most who takes none */
const MAX_WAITS = 64

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

  /**
   * Calls a function when nobody has the turn: at once where nobody has it now. Whoever takes the turn meanwhile does not wait for it
   *
   * @throws the signal's reason where that aborts before
   */
  async after<T> (key: string, signal: AbortSignal | undefined, fn: () => Promise<T>): Promise<T> {
    for (let waits = 0; this.#last.has(key) && waits < MAX_WAITS; waits++) {
      await settledOrAborted(this.#last.get(key)?.catch(() => {}), signal ?? new AbortController().signal)
    }

    return fn()
  }
}

/** The turns of all that write to a peer store, by peer. They lie in the peer store: there may be several copies of this package */
export function turnsOf (store: object & { [TURNS]?: Turns }): Turns {
  const turns = store[TURNS] ?? new Turns()

  if (store[TURNS] == null && Object.isExtensible(store)) {
    Object.defineProperty(store, TURNS, { value: turns })
  }

  return turns
}
