import { systemClock, wallTime } from './clock.ts'
import type { Clock } from './clock.ts'

/** The lag in milliseconds beyond which dates follow the wall time. Time servers correct smaller ones step by step */
const MAX_LAG = 30_000

/**
 * The dates of a clock, for times that are stored or sent to other machines. The system's clock stands still while the machine sleeps, and keeps an error
 * of the system time at the start of the process. Dates then follow the wall time forwards. They never go back, but they jump: intervals of a dial need
 * the clock itself
 */
export class DateClock implements Clock {
  readonly #clock: Clock
  readonly #wallTime: () => number
  #ahead = 0

  /** @param wallTime returns milliseconds since the epoch. May go back */
  constructor (clock: Clock, wallTime: () => number) {
    this.#clock = clock
    this.#wallTime = wallTime
  }

  /** The sum of all jumps so far, in milliseconds */
  get ahead (): number {
    return this.#ahead
  }

  now (): number {
    const date = this.#clock.now() + this.#ahead
    const lag = this.#wallTime() - date

    if (lag <= MAX_LAG) {
      return date
    }

    this.#ahead += lag

    return date + lag
  }

  setTimeout (fn: () => void, ms: number): () => void {
    return this.#clock.setTimeout(fn, ms)
  }
}

const systemDates = new DateClock(systemClock, wallTime)

/** Returns the dates of a clock. Those of a virtual clock never jump */
export function datesOf (clock: Clock): DateClock {
  return clock instanceof DateClock ? clock : clock === systemClock ? systemDates : new DateClock(clock, () => clock.now())
}
