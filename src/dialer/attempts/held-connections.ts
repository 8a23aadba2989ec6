import { closeGently } from './close.ts'
import type { Clock } from '../../pipeline/clock.ts'
import type { Connection } from '@libp2p/interface'

/** The connections that dials were given. A transport may answer two attempts with one connection: it is closed by the last who holds it */
export class HeldConnections {
  /** How many hold each. What was handed to callers is never given back */
  readonly #holders = new WeakMap<Connection, number>()
  readonly #clock: Clock

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** So many dials are given the connection. It is closed where there is none */
  hold (connection: Connection, count: number): void {
    if (count === 0) {
      void this.close(connection)
    } else {
      this.#holders.set(connection, count + (this.#holders.get(connection) ?? 0))
    }
  }

  /** One who was given it does not want it */
  release (connection: Connection): void {
    const count = this.#holders.get(connection)

    if (count === 1) {
      this.#holders.delete(connection)
      void closeGently(connection, this.#clock)
    } else if (count != null) {
      this.#holders.set(connection, count - 1)
    }
  }

  /** Closes a connection that an attempt brings which nobody waits for, unless somebody holds it. Never rejects */
  async close (connection: Connection): Promise<void> {
    if (!this.#holders.has(connection)) {
      await closeGently(connection, this.#clock)
    }
  }
}
