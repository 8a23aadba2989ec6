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
      this.#count()

      return true
    }

    this.#waiting.add(ticket)

    return false
  }

  leave (ticket: Ticket): void {
    this.#waiting.delete(ticket)
  }

  #count (): void {
    // first: nothing would begin any more after a timer that cannot be set
    if (this.#left === 1) {
      this.#clock.setTimeout(() => { this.#turn() }, 0)
    }

    this.#left--
  }

  #turn (): void {
    this.#left = PER_TURN

    // one that begins may end others, and begin yet others: those do not wait while there is room
    for (const ticket of this.#waiting) {
      if (this.#left === 0) {
        return
      }

      this.#waiting.delete(ticket)
      this.#count()
      ticket.pass()
    }
  }
}
