import { PriorityQueue } from './priority-queue.ts'

/** Who runs: so many at once, the highest priority first. Who is needed by one that runs does not wait */
export class Schedule<T extends { priority: number }> {
  #max: number
  readonly #begin: (one: T) => void
  readonly #waiting = new PriorityQueue<T>()
  readonly #parallel = new Set<T>()
  #isFilling = false
  #isPaused = false

  constructor (max: number, begin: (one: T) => void) {
    this.#max = max
    this.#begin = begin
  }

  /** How many run at once. Those that run go on where it becomes fewer */
  set max (max: number) {
    this.#max = max
    this.#next()
  }

  /** `atOnce` begins beside those that take turns */
  add (one: T, atOnce = false): void {
    if (atOnce) {
      this.#waiting.delete(one)
      this.#begin(one)
    } else {
      this.#waiting.add(one)
      this.#next()
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

  /** Gives the turn of one that runs to the next that waits */
  release (one: T): void {
    if (this.#parallel.delete(one)) {
      this.#next()
    }
  }

  /** It has ended, or does not want to run any more */
  delete (one: T): void {
    this.#waiting.delete(one)
    this.#parallel.delete(one)
    this.#next()
  }

  /** Those that wait go on to wait */
  pause (): void {
    this.#isPaused = true
  }

  resume (): void {
    this.#isPaused = false
    this.#next()
  }

  /** Nobody waits any more */
  clear (): void {
    this.#waiting.clear()
  }

  /** One that begins may end at once and ask for the next: the loop goes on by itself, or its stack would grow with each */
  #next (): void {
    if (this.#isFilling) {
      return
    }

    this.#isFilling = true

    try {
      for (let one = this.#free(); one != null; one = this.#free()) {
        this.#parallel.add(one)
        this.#begin(one)
      }
    } finally {
      this.#isFilling = false
    }
  }

  #free (): T | undefined {
    return !this.#isPaused && this.#parallel.size < this.#max ? this.#waiting.shift() : undefined
  }
}
