/** Who runs: so many at once, the highest priority first. Who is needed by one that runs does not wait */
export class Schedule<T extends { priority: number }> {
  #max: number
  readonly #begin: (one: T) => void
  readonly #waiting = new Waiting<T>()
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

interface Line<T> {
  readonly members: Set<T>
  /** Begun once: a new one would go past all that were taken out before it */
  readonly order: Iterator<T>
}

/** What waits for its turn: the highest priority first, among equals the oldest. Every operation takes constant time for a bounded number of priorities */
export class Waiting<T extends { priority: number }> {
  readonly #lines = new Map<number, Line<T>>()
  #size = 0

  get size (): number {
    return this.#size
  }

  /** Nothing where it waits already */
  add (one: T): void {
    const line = this.#lines.get(one.priority)

    if (line?.members.has(one) === true) {
      return
    }

    if (line == null) {
      const members = new Set([one])
      this.#lines.set(one.priority, { members, order: members.values() })
    } else {
      line.members.add(one)
    }

    this.#size++
  }

  delete (one: T): boolean {
    const members = this.#lines.get(one.priority)?.members

    if (members?.delete(one) !== true) {
      return false
    }

    if (members.size === 0) {
      this.#lines.delete(one.priority)
    }

    this.#size--
    return true
  }

  clear (): void {
    this.#lines.clear()
    this.#size = 0
  }

  /** Takes out the next */
  shift (): T | undefined {
    const next = this.#lines.get(Math.max(...this.#lines.keys()))?.order.next().value

    if (next != null) {
      this.delete(next)
    }

    return next
  }
}
