import type { Clock } from '../pipeline/clock.ts'

const MINUTE = 60_000

/** Calls back within a minute after something has expired, at most once a minute. It sets no timer while nothing can expire */
export class Expiry {
  readonly #clock: Clock
  readonly #onDue: () => boolean
  #isRunning = false
  /** When the timer fires, in milliseconds since the epoch */
  #due = Infinity
  /** Whether the last call left something to look at */
  #hasMore = false
  #cancel?: () => void

  /** @param onDue returns whether something is left to look at, in another turn of the event loop */
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

  /** @param at when something expires, in milliseconds since the epoch */
  watch (at: number): void {
    // rounded up to full minutes, so that one call covers all that expires in a minute
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
