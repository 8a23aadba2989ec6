import { settledOrAborted } from '../../pipeline/foreign-promises.ts'
import type { Connection } from '@libp2p/interface'

/** A substitute for the race above a stage: it yields, ends and fails on request */
export class Upstream implements AsyncIterable<Connection> {
  /** The connections that the stage has pulled */
  readonly taken: Connection[] = []
  readonly given: Connection[] = []
  /** The number of iterations that the stage has begun and not ended */
  open = 0
  readonly #values: Connection[] = []
  #news = Promise.withResolvers<void>()
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
          await settledOrAborted(this.#news.promise, this.#signal)
        }
      }
    } finally {
      this.open--
    }
  }

  #notify (): void {
    this.#news.resolve()
    this.#news = Promise.withResolvers<void>()
  }
}
