/** What waits for its turn: the highest priority first, among equals the oldest. Every operation takes constant time for a bounded number of priorities */
export class Waiting<T extends { priority: number }> {
  readonly #byPriority = new Map<number, Set<T>>()
  #size = 0

  get size (): number {
    return this.#size
  }

  add (one: T): void {
    const equals = this.#byPriority.get(one.priority) ?? new Set<T>()
    this.#byPriority.set(one.priority, equals.add(one))
    this.#size++
  }

  delete (one: T): boolean {
    const equals = this.#byPriority.get(one.priority)

    if (equals?.delete(one) !== true) {
      return false
    }

    if (equals.size === 0) {
      this.#byPriority.delete(one.priority)
    }

    this.#size--
    return true
  }

  clear (): void {
    this.#byPriority.clear()
    this.#size = 0
  }

  /** Takes out the next */
  shift (): T | undefined {
    const [next] = this.#byPriority.get(Math.max(...this.#byPriority.keys())) ?? []

    if (next != null) {
      this.delete(next)
    }

    return next
  }
}
