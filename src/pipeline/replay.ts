import { Follow } from './follow.ts'
import { Wake } from './wake.ts'

/** Lets a source be followed several times, one after the other: each begins with the newest value */
export class Replay<T> {
  readonly #wake = new Wake()
  readonly #source: Follow<T>
  #current?: T

  constructor (source: AsyncIterable<T>) {
    this.#source = new Follow(source, this.#wake)
  }

  async * follow (signal: AbortSignal): AsyncGenerator<T> {
    let seen: T | undefined

    while (true) {
      this.#current = this.#source.take() ?? this.#current

      if (this.#current !== seen) {
        seen = this.#current
        yield seen as T
      } else if (this.#source.done) {
        return
      } else {
        await this.#wake.wait(signal)
      }
    }
  }

  leave (): void {
    this.#source.leave()
  }
}
