import { AbortError } from '@libp2p/interface'
import PQueue from 'p-queue'
import { Schedule } from './schedule.ts'
import type { Gate, Ticket } from './ticket.ts'
import type { Clock } from '../../pipeline/clock.ts'

/** A number of slots for each key: a peer, a transport or a dial. Highest priority first */
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

// shared: creating an Error costs more than the rest
const LEFT = new AbortError('The attempt does not wait any more')

interface Wait {
  readonly id: string
  readonly controller: AbortController
}

/**
 * The slots of a node, highest priority first. A ticket holds its slot until it ends. The queue has only the waiting tickets: in
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
    // p-queue rejects only with the abort of the wait
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

/** Number of attempts that begin within a few milliseconds */
const PER_TURN = 16

/**
 * Begins a few attempts in each turn of the event loop. A thousand attempts in one turn would block the loop for so long that answers
 * look late and more attempts begin. Attempts that fail at once would never let the loop turn
 */
export class StartPacer implements Gate {
  readonly #clock: Clock
  readonly #waiting = new Set<Ticket>()
  #left = PER_TURN

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Passes at once, or in a later turn when 16 attempts have begun in this one */
  enter (ticket: Ticket): void {
    if (this.#left > 0) {
      this.#count()
      ticket.pass()
    } else {
      this.#waiting.add(ticket)
    }
  }

  leave (ticket: Ticket): void {
    this.#waiting.delete(ticket)
  }

  #count (): void {
    // the timer is set first: if that throws, no attempt has been counted
    if (this.#left === 1) {
      this.#clock.setTimeout(() => { this.#turn() }, 0)
    }

    this.#left--
  }

  #turn (): void {
    this.#left = PER_TURN

    // an attempt that begins may end others and add more, so the limit is checked each time
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
