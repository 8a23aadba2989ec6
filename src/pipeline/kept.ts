import type { Attempt } from './types.ts'
import type { Connection } from '@libp2p/interface'

/** Keeps count of the connections of an attempt, so that a layer which loses one (or an abort in that very moment) leaves nothing open */
export class Kept {
  readonly attempt: Attempt
  readonly #connections = new Set<Connection>()
  #giveBack?: (connection: Connection) => void

  constructor (attempt: Attempt) {
    this.attempt = async (candidate, options) => {
      const connection = await attempt(candidate, options)

      if (this.#giveBack == null) {
        this.#connections.add(connection)
      } else {
        this.#giveBack(connection)
      }

      return connection
    }
  }

  /** The one that is passed on */
  take (connection: Connection): void {
    this.#connections.delete(connection)
  }

  /** All others, also those that are still to come */
  giveBack (discard: (connection: Connection) => void): void {
    this.#giveBack = discard
    this.#connections.forEach(discard)
  }
}

/** @throws the signal's reason when that aborts first: a layer may ignore it */
export async function settledOrAborted<T> (promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()

  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => { reject(signal.reason) }

    signal.addEventListener('abort', onAbort, { once: true })
    // a layer may answer what is no promise
    Promise.resolve(promise).then(resolve, reject).finally(() => { signal.removeEventListener('abort', onAbort) })
  })
}
