import { Schedule } from './schedule.ts'
import type { SlotTaker, SpeculatingDial, Gate, Ticket } from './ticket.ts'

/**
 * Limits the speculative attempts of a node. Each dial has one attempt in flight that takes no room here: its first one, and when that has
 * ended another. The others are speculative, and all those of a dial that has given its turn away. So dials with many silent addresses leave
 * the others a slot.
 */
export class Speculation implements Gate {
  readonly isOwnWait = true
  readonly #schedule: Schedule<Ticket>
  /** Attempts that wait, or have room. Not kept on the attempt: it would know its ticket, and the ticket it */
  readonly #tickets = new Map<SlotTaker, Ticket>()

  /** @param max how many speculative attempts are in flight at once */
  constructor (max: number) {
    this.#schedule = new Schedule<Ticket>(max, ticket => { this.#begin(ticket) })
  }

  /** How many are in flight at once from now on */
  set max (max: number) {
    this.#schedule.max = max
  }

  /** A dial wants the attempt */
  join (taker: SlotTaker, dial: SpeculatingDial): void {
    dial.attempts.add(taker)

    if (isFirst(dial, taker)) {
      this.#promote(taker)
    }
  }

  /** The attempt has failed, or a dial does not want it any more, or discards its connection */
  quit (taker: SlotTaker, dial: SpeculatingDial): void {
    if (!dial.attempts.delete(taker) || dial.isDemoted) {
      return
    }

    const rest = [...dial.attempts]

    // one that is in flight already gives its room to whoever waits for that
    if (!rest.some(one => one.isInFlight && !this.#tickets.has(one)) && !rest.some(one => one.isInFlight && this.#promote(one))) {
      rest.some(one => this.#promote(one))
    }
  }

  /** Passes at once where the attempt is the first of a dial, else when there is room */
  enter (ticket: Ticket): void {
    const { taker } = ticket.init

    if (taker.dials.some(dial => isFirst(dial, taker))) {
      taker.isInFlight = true
      ticket.pass()
    } else {
      // it may have been in flight for a moment, and wait again
      taker.isInFlight = false
      this.#tickets.set(taker, ticket)
      this.#schedule.add(ticket)
    }
  }

  /** Gives back its room, or its place in the line */
  leave (ticket: Ticket): void {
    this.#tickets.delete(ticket.init.taker)
    this.#schedule.delete(ticket)
  }

  /** A dial of higher priority wants an attempt that waits */
  raise (ticket: Ticket, priority: number): void {
    this.#schedule.raise(ticket, priority)
  }

  #begin (ticket: Ticket): void {
    const { taker } = ticket.init
    taker.isInFlight = true
    ticket.pass()
  }

  /** Has an attempt take no room: one that waits begins. Returns whether it did wait, or had room */
  #promote (taker: SlotTaker): boolean {
    const ticket = this.#tickets.get(taker)
    this.#tickets.delete(taker)

    if (ticket != null && taker.isInFlight) {
      this.#schedule.release(ticket)
    } else if (ticket != null) {
      this.#schedule.add(ticket, true)
    }

    return ticket != null
  }
}

/** Whether the dial has its turn, and no other attempt in flight */
function isFirst ({ attempts, isDemoted }: SpeculatingDial, except: SlotTaker): boolean {
  if (isDemoted) {
    return false
  }

  for (const taker of attempts) {
    if (taker !== except && taker.isInFlight) {
      return false
    }
  }

  return true
}
