import { AbortError } from '@libp2p/interface'
import PQueue from 'p-queue'
import { Schedule } from './schedule.ts'
import type { Gate, SlotTaker, SpeculatingDial, Ticket } from './ticket.ts'

/** A limited number of slots for each key: a peer, a transport or a dial. Waiting tickets get them by priority, highest first */
export class KeyedSlots implements Gate {
  readonly isOwnWait: boolean
  readonly #schedules = new Map<string, Schedule<Ticket>>()
  readonly #keyOf: (ticket: Ticket) => string
  readonly #maxOf: (key: string) => number

  constructor (keyOf: (ticket: Ticket) => string, maxOf: (key: string) => number, isOwnWait = false) {
    this.#keyOf = keyOf
    this.#maxOf = maxOf
    this.isOwnWait = isOwnWait
  }

  enter (ticket: Ticket): void {
    const key = this.#keyOf(ticket)
    const schedule = this.#schedules.get(key) ?? new Schedule<Ticket>(this.#maxOf(key), pass)
    this.#schedules.set(key, schedule)
    schedule.add(ticket)
  }

  leave (ticket: Ticket): void {
    const key = this.#keyOf(ticket)
    const schedule = this.#schedules.get(key)
    schedule?.delete(ticket)

    // a ticket that began meanwhile may already have ended and removed the schedule
    if (schedule?.isEmpty === true && this.#schedules.get(key) === schedule) {
      this.#schedules.delete(key)
    }
  }

  raisePriority (ticket: Ticket, priority: number): void {
    this.#schedules.get(this.#keyOf(ticket))?.raisePriority(ticket, priority)
  }
}

function pass (ticket: Ticket): void {
  ticket.pass()
}

// shared: creating an Error costs more than the rest of `leave()`
const LEFT = new AbortError('The attempt does not wait any more')

interface Wait {
  readonly id: string
  readonly controller: AbortController
}

/**
 * The slots of a node, granted by priority, highest first. A ticket holds its slot until it ends. The queue has only the waiting tickets: in
 * p-queue each running task takes 1.6 kB
 */
export class NodeSlots implements Gate {
  readonly #queue = new PQueue({ autoStart: false })
  readonly #holders = new Set<Ticket>()
  readonly #waiting = new Map<Ticket, Wait>()
  #concurrency: number
  #count = 0

  constructor (concurrency: number) {
    this.#concurrency = concurrency
  }

  set concurrency (concurrency: number) {
    this.#concurrency = concurrency
    this.#next()
  }

  enter (ticket: Ticket): void {
    // free slots belong to the tickets that wait already
    if (this.#waiting.size === 0 && this.#hasRoom) {
      this.#holders.add(ticket)
      ticket.pass()

      return
    }

    this.#pauseIfFull()
    const wait = { id: `${++this.#count}`, controller: new AbortController() }
    this.#waiting.set(ticket, wait)
    // p-queue rejects only when the ticket stops waiting, which is no error
    this.#queue.add(() => { this.#grant(ticket) }, { id: wait.id, priority: ticket.priority, signal: wait.controller.signal }).catch(() => {})
  }

  leave (ticket: Ticket): void {
    const wait = this.#waiting.get(ticket)
    this.#waiting.delete(ticket)
    wait?.controller.abort(LEFT)

    if (this.#holders.delete(ticket)) {
      // deferred: a ticket may begin and end at once, and recursion would overflow the stack
      queueMicrotask(() => { this.#next() })
    }
  }

  raisePriority (ticket: Ticket, priority: number): void {
    const wait = this.#waiting.get(ticket)

    if (wait != null) {
      ticket.priority = priority
      // p-queue does not accept Infinity
      this.#queue.setPriority(wait.id, Math.min(priority, Number.MAX_VALUE))
    }
  }

  get usage (): { readonly used: number, readonly waiting: number, readonly limit: number } {
    return { used: this.#holders.size, waiting: this.#waiting.size, limit: this.#concurrency }
  }

  get #hasRoom (): boolean {
    return this.#holders.size < this.#concurrency
  }

  #pauseIfFull (): void {
    if (!this.#hasRoom) {
      this.#queue.pause()
    }
  }

  #next (): void {
    if (this.#hasRoom) {
      this.#queue.start()
    }
  }

  #grant (ticket: Ticket): void {
    this.#waiting.delete(ticket)
    this.#holders.add(ticket)
    this.#pauseIfFull()
    ticket.pass()
  }
}

/**
 * Limits the speculative attempts of a node, so that dials with many silent addresses leave slots to other dials
 *
 * The first attempt of a dial is not speculative. When it has failed, another attempt of the dial takes its role. All other attempts
 * are speculative, and so are all attempts of a demoted dial.
 */
export class Speculation implements Gate {
  readonly isOwnWait = true
  readonly #schedule: Schedule<Ticket>
  /** Attempts that wait for a speculative slot, or hold one. A map, because a taker outlives its attempt and must not keep the ticket alive */
  readonly #tickets = new Map<SlotTaker, Ticket>()

  constructor (max: number) {
    this.#schedule = new Schedule<Ticket>(max, ticket => {
      ticket.init.taker.isInFlight = true
      ticket.pass()
    })
  }

  set max (max: number) {
    this.#schedule.max = max
  }

  /** Counts an attempt for a dial that joins the attempt */
  join (taker: SlotTaker, dial: SpeculatingDial): void {
    dial.attempts.add(taker)

    if (isFirst(dial, taker)) {
      this.#promote(taker)
    }
  }

  /** Stops counting an attempt for a dial: the attempt has failed, or the dial has left it or discards its connection */
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

  /** Lets the ticket pass at once when its attempt is the first of a dial, else when a speculative slot is free */
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

  leave (ticket: Ticket): void {
    this.#tickets.delete(ticket.init.taker)
    this.#schedule.delete(ticket)
  }

  raisePriority (ticket: Ticket, priority: number): void {
    this.#schedule.raisePriority(ticket, priority)
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
