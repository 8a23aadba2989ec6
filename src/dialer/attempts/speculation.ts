import { Schedule } from './schedule.ts'
import type { SlotTaker, SpeculatingDial, Gate, Ticket } from './ticket.ts'

/**
 * Limits the speculative attempts of a node, so that dials with many silent addresses leave slots to other dials
 *
 * The first attempt of a dial is not speculative. When it has failed, another attempt of the dial takes its role. All other attempts
 * are speculative, and so are all attempts of a demoted dial.
 */
export class Speculation implements Gate {
  readonly isOwnWait = true
  readonly #schedule: Schedule<Ticket>
  /** Attempts that wait for a speculative slot, or hold one. The attempt itself must not refer to its ticket: that would be a cycle */
  readonly #tickets = new Map<SlotTaker, Ticket>()

  /** @param max maximum number of speculative attempts in flight */
  constructor (max: number) {
    this.#schedule = new Schedule<Ticket>(max, ticket => { this.#begin(ticket) })
  }

  /** Sets the maximum number of speculative attempts in flight */
  set max (max: number) {
    this.#schedule.max = max
  }

  /** Counts an attempt for a dial that joins it */
  join (taker: SlotTaker, dial: SpeculatingDial): void {
    dial.attempts.add(taker)

    if (isFirst(dial, taker)) {
      this.#promote(taker)
    }
  }

  /** Called when the attempt has failed, or a dial has left it or discards its connection */
  quit (taker: SlotTaker, dial: SpeculatingDial): void {
    if (!dial.attempts.delete(taker) || dial.isDemoted) {
      return
    }

    const rest = [...dial.attempts]

    // promotes an attempt in flight first, which frees its speculative slot
    if (!rest.some(one => one.isInFlight && !this.#tickets.has(one)) && !rest.some(one => one.isInFlight && this.#promote(one))) {
      rest.some(one => this.#promote(one))
    }
  }

  /** Passes at once when the attempt is the first of a dial, else when a speculative slot is free */
  enter (ticket: Ticket): void {
    const { taker } = ticket.init

    if (taker.dials.some(dial => isFirst(dial, taker))) {
      taker.isInFlight = true
      ticket.pass()
    } else {
      // the attempt may have been in flight before, and waits again
      taker.isInFlight = false
      this.#tickets.set(taker, ticket)
      this.#schedule.add(ticket)
    }
  }

  /** Releases the speculative slot, or removes the ticket from the queue */
  leave (ticket: Ticket): void {
    this.#tickets.delete(ticket.init.taker)
    this.#schedule.delete(ticket)
  }

  /** Raises the priority of a waiting attempt */
  raisePriority (ticket: Ticket, priority: number): void {
    this.#schedule.raisePriority(ticket, priority)
  }

  #begin (ticket: Ticket): void {
    const { taker } = ticket.init
    taker.isInFlight = true
    ticket.pass()
  }

  /** Makes an attempt non-speculative: a waiting one begins. Returns whether it was waiting, or held a slot */
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

/** Returns whether an attempt is not speculative: the dial is not demoted, and has no other attempt in flight */
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
