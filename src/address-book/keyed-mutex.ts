import { settledOrAborted } from '../pipeline/foreign-promises.ts'

const MUTEX = Symbol.for('libp2p-dial-pipeline.mutex')

/** The maximum number of functions that `runAfter()` waits for, one after another. Then it goes on, even if another runs */
const MAX_WAITS = 64

/** Runs functions for one key one after another, in the order of the calls. Idle keys take no memory */
export class KeyedMutex {
  readonly #last = new Map<string, Promise<unknown>>()

  /**
   * Runs a function after those of earlier calls. If the signal aborts first, it does not run. A running function goes on, and later ones wait for it
   *
   * @throws the reason of the signal when it aborts
   */
  async run<T> (key: string, fn: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted()
    const before = this.#last.get(key)
    const start = async (): Promise<T> => {
      signal?.throwIfAborted()

      return fn()
    }
    const mine = before == null ? fn() : before.then(start, start)
    const free = (): void => {
      if (this.#last.get(key) === mine) {
        this.#last.delete(key)
      }
    }
    this.#last.set(key, mine)
    mine.then(free, free)

    return signal == null ? mine : settledOrAborted(mine, signal)
  }

  /**
   * Calls a function when no function runs for the key. Functions that are added meanwhile do not wait for it
   *
   * @throws the reason of the signal if it aborts first
   */
  async runAfter<T> (key: string, signal: AbortSignal | undefined, fn: () => Promise<T>): Promise<T> {
    for (let waits = 0; this.#last.has(key) && waits < MAX_WAITS; waits++) {
      await settledOrAborted(this.#last.get(key)?.catch(() => {}), signal ?? new AbortController().signal)
    }

    return fn()
  }
}

/** Returns the mutex of all code that writes to a peer store, by peer. Kept in the peer store, because several copies of this package may share it */
export function mutexOf (store: object & { [MUTEX]?: KeyedMutex }): KeyedMutex {
  const mutex = store[MUTEX] ?? new KeyedMutex()

  if (store[MUTEX] == null && Object.isExtensible(store)) {
    Object.defineProperty(store, MUTEX, { value: mutex })
  }

  return mutex
}
