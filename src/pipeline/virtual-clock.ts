import { nextTurn } from './runtime/turns.ts'
import type { Clock } from './clock.ts'

interface Timer {
  at: number
  fn (): void
}

/** A clock that stands still until it is told to go on */
export class VirtualClock implements Clock {
  readonly #begin: number
  #now: number
  readonly #timers = new Set<Timer>()

  /** @param now milliseconds since the epoch. Default: 14 November 2023 */
  constructor (now: number = 1_700_000_000_000) {
    this.#begin = now
    this.#now = now
  }

  /** Milliseconds that have passed since it was made */
  get elapsed (): number {
    return this.#now - this.#begin
  }

  /** How many timers are set */
  get pending (): number {
    return this.#timers.size
  }

  now (): number {
    return this.#now
  }

  setTimeout (fn: () => void, ms: number): () => void {
    const timer = { at: this.#now + Math.max(0, ms), fn }
    this.#timers.add(timer)

    return () => { this.#timers.delete(timer) }
  }

  /** Lets `ms` milliseconds pass: every timer fires at its own time, and what it sets off is done before the next */
  async advance (ms: number): Promise<void> {
    const end = this.#now + ms
    await settled()

    for (let next = this.#nextUntil(end); next != null; next = this.#nextUntil(end)) {
      this.#timers.delete(next)
      this.#now = next.at
      next.fn()
      await settled()
    }

    this.#now = end
  }

  /**
   * Lets time pass until the promise has settled, from timer to timer
   *
   * @throws what the promise rejects with; an Error when it is still pending and no timer is set
   */
  async until<T> (promise: Promise<T>): Promise<T> {
    let isSettled = false
    const done = (): void => { isSettled = true }
    promise.then(done, done)
    await settled()

    while (!isSettled) {
      const next = this.#nextUntil(Infinity)

      if (next == null) {
        throw new Error(`Nothing is left to wait for at ${this.#now} ms, and the promise is still pending`)
      }

      await this.advance(next.at - this.#now)
    }

    return promise
  }

  /** The first to fire; of several at one time the one that was set first */
  #nextUntil (end: number): Timer | undefined {
    let first: Timer | undefined

    for (const timer of this.#timers) {
      if (timer.at <= end && (first == null || timer.at < first.at)) {
        first = timer
      }
    }

    return first
  }
}

/** Lets everything run that needs no time */
export async function settled (): Promise<void> {
  for (let turn = 0; turn < 4; turn++) {
    // not a timer: browsers let those of 0 ms wait for 4
    await new Promise<void>(resolve => { nextTurn(resolve) })
  }
}
