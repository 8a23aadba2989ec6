import { settledOrAborted } from '../pipeline/foreign-promises.ts'

const TURNS = Symbol.for('libp2p-dial-pipeline.turns')

/** Caps the turns that `after()` waits for */
const MAX_WAITS = 64

/** Runs functions for one key one after another, in the order of the calls. Idle keys take no memory */
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
   * Calls a function when no function runs for the key. Functions that are added meanwhile do not wait for it
   *
   * @throws the reason of the signal if it aborts first
   */
  async after<T> (key: string, signal: AbortSignal | undefined, fn: () => Promise<T>): Promise<T> {
    for (let waits = 0; this.#last.has(key) && waits < MAX_WAITS; waits++) {
      await settledOrAborted(this.#last.get(key)?.catch(() => {}), signal ?? new AbortController().signal)
    }

    return fn()
  }
}

/** Returns the locks of all code that writes to a peer store, by peer. Kept in the peer store, because several copies of this package may share it */
export function turnsOf (store: object & { [TURNS]?: Turns }): Turns {
  const turns = store[TURNS] ?? new Turns()

  if (store[TURNS] == null && Object.isExtensible(store)) {
    Object.defineProperty(store, TURNS, { value: turns })
  }

  return turns
}
