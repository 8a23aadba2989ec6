import { settledOrAborted } from '../pipeline/foreign-promises.ts'
import { asInTurn, isInTurn } from './write-marks.ts'
import type { AbortOptions, PeerId } from '@libp2p/interface'

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
  const turns = store[TURNS] ?? new Turns()

  if (store[TURNS] == null && Object.isExtensible(store)) {
    Object.defineProperty(store, TURNS, { value: turns })
  }

  return turns
}

/**
 * Does a write when nobody else has the turn of the peer: at once, where nobody has it now
 *
 * @param fn is given the options to pass on
 * @throws the signal's reason where that aborts before the write's turn has come
 */
export async function inTurn<T> (turns: Turns, peer: PeerId, options: AbortOptions | undefined, fn: (options?: AbortOptions) => Promise<T>): Promise<T> {
  const id = String(peer)

  if (isInTurn(options) || !turns.isBusy(id)) {
    return fn(options)
  }

  const taken = turns.take(id, async () => {
    options?.signal?.throwIfAborted()

    return fn(asInTurn(options))
  })

  return options?.signal == null ? taken : settledOrAborted(taken, options.signal)
}

