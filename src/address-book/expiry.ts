import type { Clock } from '../pipeline/clock.ts'

const MINUTE = 60_000

/** Tells when something has ended, a minute or less after it has, and once a minute at most. While nothing can end there is no timer */
export class Expiry {
  readonly #clock: Clock
  readonly #onDue: () => boolean
  #isRunning = false
  /** In milliseconds since the epoch */
  #due = Infinity
  /** Not all was looked at the last time */
  #hasMore = false
  #cancel?: () => void

  /** @param onDue returns whether there is more to look at, in another turn of the event loop */
  constructor (clock: Clock, onDue: () => boolean) {
    this.#clock = clock
    this.#onDue = onDue
  }

  start (): void {
    this.#isRunning = true
    this.#wait()
  }

  stop (): void {
    this.#isRunning = false
    this.#cancel?.()
  }

  /** @param at when something ends, in milliseconds since the epoch */
  watch (at: number): void {
    // what ends in one minute is looked at together
    const due = Math.max(Math.ceil(at / MINUTE), Math.floor(this.#clock.now() / MINUTE) + 1) * MINUTE

    if (due < this.#due) {
      this.#due = due
      this.#wait()
    }
  }

  #wait (): void {
    this.#cancel?.()

    if (this.#isRunning && (this.#hasMore || this.#due < Infinity)) {
      this.#cancel = this.#clock.setTimeout(() => {
        this.#due = this.#hasMore ? this.#due : Infinity
        this.#hasMore = this.#onDue()
        this.#wait()
      }, this.#hasMore ? 0 : this.#due - this.#clock.now())
    }
  }
}
