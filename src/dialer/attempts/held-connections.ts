import { closeGently } from './close.ts'
import type { SlotTaker } from './speculation.ts'
import type { Clock } from '../../pipeline/clock.ts'
import type { Connection } from '@libp2p/interface'

interface Holders {
  count: number
  readonly takers: Set<SlotTaker>
}

/** The connections that dials were given. A transport may answer two attempts with one connection: it is closed by the last who holds it */
export class HeldConnections {
  readonly #holders = new WeakMap<Connection, Holders>()
  readonly #clock: Clock

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** So many dials are given the connection, by one attempt. It is closed where there is none */
  hold (connection: Connection, count: number, taker: SlotTaker): void {
    if (count === 0) {
      void this.close(connection)
      return
    }

    const holders = this.#holders.get(connection) ?? { count: 0, takers: new Set() }
    holders.count += count
    holders.takers.add(taker)
    this.#holders.set(connection, holders)
  }

  /** One who was given it does not want it. Returns the attempts that gave it; none where it was open before */
  release (connection: Connection): readonly SlotTaker[] {
    const holders = this.#holders.get(connection)

    if (holders == null) {
      return []
    }

    if (--holders.count === 0) {
      this.#holders.delete(connection)
      void closeGently(connection, this.#clock)
    }

    return [...holders.takers]
  }

  /** Closes a connection that an attempt brings which nobody waits for, unless somebody holds it. Never rejects */
  async close (connection: Connection): Promise<void> {
    if ((this.#holders.get(connection)?.count ?? 0) === 0) {
      await closeGently(connection, this.#clock)
    }
  }
}
