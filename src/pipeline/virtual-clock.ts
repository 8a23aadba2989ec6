import { checkValue } from './check-options.ts'
import { nextTurn } from './clock.ts'
import { FINITE_MILLISECONDS, TIME } from './option-kinds.ts'
import type { Clock } from './clock.ts'

interface Timer {
  at: number
  fn (): void
}

/** A clock for tests. Its time only advances on request */
export class VirtualClock implements Clock {
  readonly #begin: number
  #now: number
  readonly #timers = new Set<Timer>()

  /**
   * @param now milliseconds since the epoch @default 1700000000000, 14 November 2023
   * @throws InvalidPipelineError for a `now` that is not a finite number
   */
  constructor (now: number = 1_700_000_000_000) {
    checkValue('VirtualClock()', now, TIME)
    this.#begin = now
    this.#now = now
  }

  /** The milliseconds that have passed since the clock was created */
  get elapsed (): number {
    return this.#now - this.#begin
  }

  /** The number of timers that are set */
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

  /**
   * Advances the clock by `ms` milliseconds. Every timer fires at its own time, and its effects settle before the next one fires
   *
   * @throws InvalidPipelineError for an `ms` that is not a finite number, 0 or more
   */
  async advance (ms: number): Promise<void> {
    checkValue('advance()', ms, FINITE_MILLISECONDS)
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
   * Advances the clock from timer to timer until the promise has settled, and returns its result
   *
   * @throws the rejection of the promise; an Error if it is still pending and no timer is set
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

  /** Returns the timer that fires first, up to a time. Among timers of one time, the first that was set. A timer of `Infinity` never fires */
  #nextUntil (end: number): Timer | undefined {
    let first: Timer | undefined

    for (const timer of this.#timers) {
      if (timer.at <= end && timer.at < (first?.at ?? Infinity)) {
        first = timer
      }
    }

    return first
  }
}

/** Lets all code run that waits for no timer */
export async function settled (): Promise<void> {
  for (let turn = 0; turn < 4; turn++) {
    // no setTimeout(): browsers delay 0 ms to 4 ms
    await new Promise<void>(resolve => { nextTurn(resolve) })
  }
}
