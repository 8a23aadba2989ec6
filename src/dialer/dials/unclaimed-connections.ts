import type { Connection } from '@libp2p/interface'

/** The connections that attempts of a dial gave, and that were neither yielded nor discarded. One is there twice where two attempts gave it: each is discarded */
export class UnclaimedConnections {
  readonly #all: Connection[] = []

  add (connection: Connection): void {
    this.#all.push(connection)
  }

  /** Returns whether it was there */
  remove (connection: Connection): boolean {
    const at = this.#all.indexOf(connection)

    return at !== -1 && this.#all.splice(at, 1).length > 0
  }

  /** A copy: the connections may be removed meanwhile */
  [Symbol.iterator] (): Iterator<Connection> {
    return [...this.#all].values()
  }
}
