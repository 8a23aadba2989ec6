import type { Clock } from '../../pipeline/clock.ts'

/** As many as take a few milliseconds to begin */
const PER_TURN = 16

/**
 * Has attempts begin a few in each turn of the event loop. A thousand that begin at once keep it busy for so long that
 * answers look late, and those who wait for them begin yet others. Attempts that fail at once would never let it turn.
 */
export class Turns {
  readonly #clock: Clock
  readonly #waiting: Array<() => void> = []
  #left = PER_TURN

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Begins the task at once, or in a later turn where 16 have begun in this one */
  async run<T> (task: () => Promise<T>): Promise<T> {
    if (this.#left === 0) {
      await new Promise<void>(resolve => { this.#waiting.push(resolve) })
    } else {
      this.#count(1)
    }

    return task()
  }

  #count (begun: number): void {
    // first: nothing would begin any more after a timer that cannot be set
    if (this.#left === begun) {
      this.#clock.setTimeout(() => { this.#turn() }, 0)
    }

    this.#left -= begun
  }

  #turn (): void {
    const turn = this.#waiting.splice(0, PER_TURN)
    this.#left = PER_TURN
    this.#count(turn.length)
    turn.forEach(resolve => { resolve() })
  }
}
