import type { Attempt } from '../types.ts'
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
