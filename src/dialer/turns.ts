import type { Clock } from '../pipeline/clock.ts'

/** As many as take a few milliseconds to begin */
const PER_TURN = 16

/** Milliseconds after which those that began are no burst any more */
const BURST = 20

/**
 * Has attempts begin a few in each turn of the event loop. A thousand that begin at once keep it busy for so long that
 * answers look late, and those who wait for them begin yet others.
 */
export class Turns {
  readonly #clock: Clock
  readonly #waiting: Array<() => void> = []
  #running = 0
  #since = 0
  #left = PER_TURN

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Begins the task when it is its turn: at once while few are running */
  async run<T> (task: () => Promise<T>): Promise<T> {
    this.#running++

    try {
      if (this.#running > PER_TURN) {
        await this.#turn()
      }

      return await task()
    } finally {
      this.#running--
    }
  }

  async #turn (): Promise<void> {
    const now = this.#clock.now()

    if (this.#waiting.length === 0 && now - this.#since >= BURST) {
      this.#since = now
      this.#left = PER_TURN
    }

    if (this.#left > 0) {
      this.#left--
      return
    }

    if (this.#waiting.length === 0) {
      this.#clock.setTimeout(() => { this.#next() }, 0)
    }

    await new Promise<void>(resolve => { this.#waiting.push(resolve) })
  }

  #next (): void {
    const turn = this.#waiting.splice(0, PER_TURN)

    if (this.#waiting.length > 0) {
      this.#clock.setTimeout(() => { this.#next() }, 0)
    } else {
      this.#since = this.#clock.now()
      this.#left = PER_TURN - turn.length
    }

    turn.forEach(resolve => { resolve() })
  }
}
