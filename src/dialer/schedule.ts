import { Waiting } from './waiting.ts'

/** Who runs: so many at once, the highest priority first. Who is needed by one that runs does not wait */
export class Schedule<T extends { priority: number }> {
  readonly #max: number
  readonly #begin: (one: T) => void
  readonly #waiting = new Waiting<T>()
  readonly #parallel = new Set<T>()

  constructor (max: number, begin: (one: T) => void) {
    this.#max = max
    this.#begin = begin
  }

  add (one: T): void {
    this.#waiting.add(one)
    this.#next()
  }

  /** Begins at once, beside those that take turns. Nothing where it has begun already */
  now (one: T): void {
    if (this.#waiting.delete(one)) {
      this.#begin(one)
    }
  }

  raise (one: T, priority: number): void {
    if (priority > one.priority) {
      const waits = this.#waiting.delete(one)
      one.priority = priority

      if (waits) {
        this.#waiting.add(one)
      }
    }
  }

  /** It has ended, or does not want to run any more */
  delete (one: T): void {
    this.#waiting.delete(one)
    this.#parallel.delete(one)
    this.#next()
  }

  /** Nobody waits any more */
  clear (): void {
    this.#waiting.clear()
  }

  #next (): void {
    while (this.#parallel.size < this.#max) {
      const one = this.#waiting.shift()

      if (one == null) {
        return
      }

      this.#parallel.add(one)
      this.#begin(one)
    }
  }
}
