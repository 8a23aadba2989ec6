import { Wake } from '../../convergence/wake.ts'
import type { Connection } from '@libp2p/interface'

/** What stands above the stage: yields what it is given, in its order, ends or fails when it is told to */
export class Upstream implements AsyncIterable<Connection> {
  /** What was taken from it */
  readonly taken: Connection[] = []
  readonly given: Connection[] = []
  /** How many iterations of it have begun and not ended */
  open = 0
  readonly #values: Connection[] = []
  readonly #wakes = new Set<Wake>()
  readonly #signal: AbortSignal
  #ended = false
  #failure?: { error: unknown }

  constructor (signal: AbortSignal) {
    this.#signal = signal
  }

  give (value: Connection): void {
    this.given.push(value)
    this.#values.push(value)
    this.#notify()
  }

  end (): void {
    this.#ended = true
    this.#notify()
  }

  fail (error: unknown): void {
    this.#failure = { error }
    this.#notify()
  }

  async * [Symbol.asyncIterator] (): AsyncGenerator<Connection> {
    const wake = new Wake()
    this.#wakes.add(wake)
    this.open++

    try {
      while (true) {
        if (this.#failure != null) {
          throw this.#failure.error
        }

        const value = this.#values.shift()

        if (value !== undefined) {
          this.taken.push(value)
          yield value
        } else if (this.#ended) {
          return
        } else {
          await wake.wait(this.#signal)
        }
      }
    } finally {
      this.#wakes.delete(wake)
      this.open--
    }
  }

  #notify (): void {
    this.#wakes.forEach(wake => { wake.notify() })
  }
}
