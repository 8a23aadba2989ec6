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
