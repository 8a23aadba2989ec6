import { Schedule } from './schedule.ts'
import type { Gate, Ticket } from './ticket.ts'

/** An attempt that takes a slot, for the dials that want it */
export interface SlotTaker {
  readonly dials: ReadonlySet<object>
}

/**
 * Limits the speculative attempts of a node. An attempt is speculative while each dial that wants it has another attempt in flight,
 * or has given its turn away. The first attempt of a dial does not wait here, so that dials with many silent addresses leave the
 * others a slot.
 */
export class Speculation implements Gate {
  readonly isOwnWait = true
  readonly #schedule: Schedule<Ticket>
  /** The attempts of each dial that have not failed, also those that wait */
  readonly #attempts = new WeakMap<object, Set<SlotTaker>>()
  readonly #inFlight = new WeakSet<SlotTaker>()
  /** Dials whose attempts are all speculative */
  readonly #demoted = new WeakSet<object>()
  /** Those that wait */
  readonly #tickets = new WeakMap<SlotTaker, Ticket>()
  #entering?: Ticket

  /** @param max how many speculative attempts are in flight at once */
  constructor (max: number) {
    this.#schedule = new Schedule<Ticket>(max, ticket => { this.#begin(ticket) })
  }

  /** A dial wants the attempt */
  join (attempt: SlotTaker, dial: object): void {
    const attempts = this.#attempts.get(dial) ?? new Set()
    this.#attempts.set(dial, attempts.add(attempt))

    if (this.#isFirst(dial, attempt)) {
      this.#promote(attempt)
    }
  }

  /** Makes every attempt of the dial speculative from now on: another dial has its turn */
  demote (dial: object): void {
    this.#demoted.add(dial)
  }

  /** The attempt has failed, or a dial does not want it any more, or discards its connection */
  forget (attempt: SlotTaker, dial: object): void {
    const attempts = this.#attempts.get(dial)

    if (attempts?.delete(attempt) !== true || !this.#isFirst(dial)) {
      return
    }

    for (const one of attempts) {
      if (this.#promote(one)) {
        return
      }
    }
  }

  /** Passes at once where the attempt is the first of a dial, or counts for none, else when there is room */
  enter (ticket: Ticket): boolean {
    const { taker } = ticket.init

    if (taker == null) {
      return true
    }

    for (const dial of taker.dials) {
      if (this.#isFirst(dial, taker)) {
        this.#inFlight.add(taker)

        return true
      }
    }

    // it may have been in flight for a moment, and wait again
    this.#inFlight.delete(taker)
    this.#tickets.set(taker, ticket)
    this.#entering = ticket
    this.#schedule.add(ticket)
    this.#entering = undefined

    return this.#inFlight.has(taker)
  }

  /** Gives back its room, or its place in the line */
  leave (ticket: Ticket): void {
    if (ticket.init.taker != null) {
      this.#tickets.delete(ticket.init.taker)
      this.#schedule.delete(ticket)
    }
  }

  /** A dial of higher priority wants an attempt that waits */
  raise (ticket: Ticket, priority: number): void {
    this.#schedule.raise(ticket, priority)
  }

  #begin (ticket: Ticket): void {
    const taker = ticket.init.taker as SlotTaker
    this.#tickets.delete(taker)
    this.#inFlight.add(taker)

    if (ticket !== this.#entering) {
      ticket.pass()
    }
  }

  /** Lets an attempt begin that waits. Answers whether it did wait */
  #promote (attempt: SlotTaker): boolean {
    const ticket = this.#tickets.get(attempt)

    if (ticket != null) {
      this.#schedule.add(ticket, true)
    }

    return ticket != null
  }

  /** Whether the dial has its turn, and no other attempt in flight */
  #isFirst (dial: object, except?: SlotTaker): boolean {
    return !this.#demoted.has(dial) && ![...this.#attempts.get(dial) ?? []].some(attempt => attempt !== except && this.#inFlight.has(attempt))
  }
}
