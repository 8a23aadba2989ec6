import type { Gate, Ticket } from './ticket.ts'
import type { Clock } from '../../pipeline/clock.ts'

/** As many as take a few milliseconds to begin */
const PER_TURN = 16

/**
 * Has attempts begin a few in each turn of the event loop. A thousand that begin at once keep it busy for so long that
 * answers look late, and those who wait for them begin yet others. Attempts that fail at once would never let it turn.
 */
export class Turns implements Gate {
  readonly #clock: Clock
  readonly #waiting = new Set<Ticket>()
  #left = PER_TURN

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Passes at once, or in a later turn where 16 have begun in this one */
  enter (ticket: Ticket): boolean {
    if (this.#left > 0) {
      this.#count(1)

      return true
    }

    this.#waiting.add(ticket)

    return false
  }

  leave (ticket: Ticket): void {
    this.#waiting.delete(ticket)
  }

  #count (begun: number): void {
    // first: nothing would begin any more after a timer that cannot be set
    if (this.#left === begun) {
      this.#clock.setTimeout(() => { this.#turn() }, 0)
    }

    this.#left -= begun
  }

  #turn (): void {
    const turn = [...this.#waiting].slice(0, PER_TURN)
    this.#left = PER_TURN

    for (const ticket of turn) {
      // one that began may have ended others, and begun yet others
      if (this.#left > 0 && this.#waiting.delete(ticket)) {
        this.#count(1)
        ticket.pass()
      }
    }
  }
}
