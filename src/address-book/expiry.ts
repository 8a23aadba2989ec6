import type { Clock } from '../pipeline/clock.ts'

const MINUTE = 60_000

/** The maximum cost of one turn of the event loop. An item of which nothing has expired costs 1 */
const MAX_COST = 10_000

/** The cost of an item of which something has expired */
const COST_OF_ENDED = 50

/**
 * Looks at all items within a minute after something has expired, at most once a minute, over as many turns of the event loop as needed. It sets no
 * timer while nothing can expire
 */
export class Expiry<T> {
  readonly #clock: Clock
  readonly #all: () => Iterable<T>
  readonly #look: (item: T) => boolean
  /** The items that the last turn has left */
  #rest: T[] = []
  #isRunning = false
  /** When the timer fires, in milliseconds since the epoch */
  #due = Infinity
  #cancel?: () => void

  /** @param look removes what has expired of an item, and returns whether anything has. An item may have been removed since the sweep began */
  constructor (clock: Clock, all: () => Iterable<T>, look: (item: T) => boolean) {
    this.#clock = clock
    this.#all = all
    this.#look = look
  }

  start (): void {
    this.#isRunning = true
    this.#wait()
  }

  stop (): void {
    this.#isRunning = false
    this.#cancel?.()
  }

  /** Schedules a sweep. @param at when something expires, in milliseconds since the epoch */
  watch (at: number): void {
    // rounded up to full minutes, so that one call covers all that expires in a minute
    const due = Math.max(Math.ceil(at / MINUTE), Math.floor(this.#clock.now() / MINUTE) + 1) * MINUTE

    if (due < this.#due) {
      this.#due = due
      this.#wait()
    }
  }

  /** Continues a sweep, or begins one. Returns whether items are left for another turn */
  sweep (): boolean {
    const rest = this.#rest = this.#rest.length > 0 ? this.#rest : [...this.#all()]

    for (let cost = 0; rest.length > 0 && cost < MAX_COST;) {
      cost += this.#look(rest.pop() as T) ? COST_OF_ENDED : 1
    }

    return rest.length > 0
  }

  #wait (): void {
    this.#cancel?.()
    const hasMore = this.#rest.length > 0

    if (this.#isRunning && (hasMore || this.#due < Infinity)) {
      this.#cancel = this.#clock.setTimeout(() => {
        this.#due = hasMore ? this.#due : Infinity
        this.sweep()
        this.#wait()
      }, hasMore ? 0 : this.#due - this.#clock.now())
    }
  }
}
