import type { Wake } from './wake.ts'

/**
 * Holds what a source yielded last, and notifies when there is something to take. One value is pulled ahead, so that a
 * consumer can wait for several things at once.
 */
export class Follow<T> {
  readonly #iterator: AsyncIterator<T>
  readonly #wake: Wake
  #value?: T
  #failure?: { error: unknown }
  #pulling = false
  #left = false
  #onLate?: (value: T) => void

  /** The source has ended, and there is nothing left to take */
  done = false

  constructor (source: AsyncIterable<T>, wake: Wake) {
    this.#iterator = source[Symbol.asyncIterator]()
    this.#wake = wake
    this.#pull()
  }

  /**
   * What the source has yielded since the last call, if anything
   *
   * @throws what the source threw
   */
  take (): T | undefined {
    if (this.#failure != null) {
      throw this.#failure.error
    }

    const value = this.#value
    this.#value = undefined

    if (value !== undefined) {
      this.#pull()
    }

    return value
  }

  /**
   * Ends the source without waiting for it: a generator that is parked at an await ends when its own wait does. What it
   * still yields is passed to `onLate`.
   */
  leave (onLate?: (value: T) => void): void {
    this.#left = true
    this.#onLate = onLate

    if (this.#value !== undefined) {
      onLate?.(this.#value)
    }

    if (this.done || this.#failure != null) {
      return
    }

    try {
      this.#iterator.return?.()?.then(undefined, () => {})
    } catch {
      // a source that cannot be closed is no reason not to leave it
    }
  }

  #pull (): void {
    if (this.#pulling || this.done) {
      return
    }

    this.#pulling = true
    this.#iterator.next().then(({ done, value }) => {
      this.#pulling = false

      if (done === true) {
        this.done = true
      } else if (this.#left) {
        this.#onLate?.(value)
      } else {
        this.#value = value
      }

      this.#wake.notify()
    }, error => {
      this.#pulling = false
      this.#failure = { error }
      this.#wake.notify()
    })
  }
}
