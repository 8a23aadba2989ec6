import { lowest } from '../pipeline/extremes.ts'
import type { Clock } from '../pipeline/clock.ts'

/** What ends together is looked at together */
const BUCKET = 60_000

/** What timers can wait for at most */
const LONGEST_WAIT = 2 ** 31 - 1

/** Later than any bucket, and a whole number as they are: Infinity would need a box in each item */
export const NOT_DUE = 0x7fff_ffff

/** Something of which a part can end */
export interface Mortal {
  /** In milliseconds since the epoch: nothing of it ends before */
  readonly earliest: number
  /** The bucket that it is in: only written here */
  due: number
}

/**
 * Tells when something is to be looked at, a minute or less after it has ended. Nothing else is touched, and while nothing
 * can end there is no timer.
 */
export class Expiry<T extends Mortal> {
  readonly #clock: Clock
  readonly #onDue: (item: T) => void
  readonly #buckets = new Map<number, Set<T>>()
  #isRunning = false
  #next = Infinity
  #cancel?: () => void

  constructor (clock: Clock, onDue: (item: T) => void) {
    this.#clock = clock
    this.#onDue = onDue
  }

  start (): void {
    this.#isRunning = true
    this.#wait()
  }

  stop (): void {
    this.#isRunning = false
    this.#sleep()
  }

  /** Has to be called when something of it can end earlier than before */
  watch (item: T): void {
    const due = Math.ceil(item.earliest / BUCKET)

    // where it ends later it is found alive, and looked at again
    if (due >= item.due) {
      return
    }

    this.forget(item)
    const bucket = this.#buckets.get(due)

    if (bucket == null) {
      this.#buckets.set(due, new Set([item]))
    } else {
      bucket.add(item)
    }

    item.due = due

    if (due < this.#next) {
      this.#wait()
    }
  }

  forget (item: T): void {
    const bucket = this.#buckets.get(item.due)

    if (bucket?.delete(item) === true && bucket.size === 0) {
      this.#buckets.delete(item.due)
    }

    item.due = NOT_DUE

    if (this.#buckets.size === 0) {
      this.#sleep()
    }
  }

  #wait (): void {
    this.#sleep()
    this.#next = lowest(this.#buckets.keys())

    if (this.#isRunning && this.#next < Infinity) {
      const wait = Math.max(0, this.#next * BUCKET - this.#clock.now())
      this.#cancel = this.#clock.setTimeout(() => { this.#sweep() }, Math.min(wait, LONGEST_WAIT))
    }
  }

  #sleep (): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#next = Infinity
  }

  #sweep (): void {
    const now = this.#clock.now()

    for (const [due, items] of this.#buckets) {
      if (due * BUCKET <= now) {
        this.#buckets.delete(due)

        for (const item of items) {
          item.due = NOT_DUE
          this.#onDue(item)
          this.watch(item)
        }
      }
    }

    this.#wait()
  }
}
