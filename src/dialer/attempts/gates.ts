import { AbortError } from '@libp2p/interface'
import PQueue from 'p-queue'
import { Schedule } from './schedule.ts'
import type { Gate, Ticket } from './ticket.ts'
import type { Clock } from '../../pipeline/clock.ts'

/** A number of slots for each of many: peers, transports, dials. The highest priority goes first */
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

    // whoever has begun meanwhile may have ended
    if (schedule?.isEmpty === true && this.#schedules.get(key) === schedule) {
      this.#schedules.delete(key)
    }
  }

  raise (ticket: Ticket, priority: number): void {
    this.#schedules.get(this.#keyOf(ticket))?.raise(ticket, priority)
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
 * The slots of a node, the highest priority first. A slot is held until the ticket ends. The queue has those that wait:
 * as a task that runs, each attempt in flight would take 1.6 kB there
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
    // where others wait, the room is theirs
    if (this.#waiting.size === 0 && this.#hasRoom) {
      this.#holders.add(ticket)
      ticket.pass()

      return
    }

    this.#pauseIfFull()
    const wait = { id: `${++this.#count}`, controller: new AbortController() }
    this.#waiting.set(ticket, wait)
    // p-queue rejects with what ends the wait, and with nothing else here
    this.#queue.add(() => { this.#grant(ticket) }, { id: wait.id, priority: ticket.priority, signal: wait.controller.signal }).catch(() => {})
  }

  leave (ticket: Ticket): void {
    const wait = this.#waiting.get(ticket)
    this.#waiting.delete(ticket)
    wait?.controller.abort(LEFT)

    if (this.#holders.delete(ticket)) {
      // not now: one that begins may end at once, and the stack would grow with each
      queueMicrotask(() => { this.#next() })
    }
  }

  raise (ticket: Ticket, priority: number): void {
    const wait = this.#waiting.get(ticket)

    if (wait != null) {
      ticket.priority = priority
      // p-queue raises none to Infinity
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
