interface Line<T> {
  readonly priority: number
  readonly members: Set<T>
  /** Begun once: a new one would go past all that were taken out before it */
  readonly order: Iterator<T>
  /** The oldest, where it was looked at */
  first?: T
  /** Its index in the heap */
  at: number
}

/**
 * What waits for its turn: the highest priority first, among equals the oldest. An operation takes constant time. Where the first of a
 * priority comes, or the last leaves, it takes the logarithm of how many priorities there are: callers choose them
 */
export class PriorityQueue<T extends { readonly priority: number }> {
  readonly #lines = new Map<number, Line<T>>()
  /** A binary heap */
  readonly #heap: Array<Line<T>> = []
  #size = 0

  get size (): number {
    return this.#size
  }

  /** The next */
  get first (): T | undefined {
    const line = this.#heap[0]

    return line == null ? undefined : (line.first ??= line.order.next().value as T)
  }

  /** Nothing where it waits already. Its priority stays the same while it waits */
  add (one: T): void {
    const line = this.#lines.get(one.priority) ?? this.#open(one.priority)

    if (!line.members.has(one)) {
      line.members.add(one)
      this.#size++
    }
  }

  /** Returns whether it was there */
  delete (one: T): boolean {
    const line = this.#lines.get(one.priority)

    if (line?.members.delete(one) !== true) {
      return false
    }

    line.first = line.first === one ? undefined : line.first

    if (line.members.size === 0) {
      this.#close(line)
    }

    this.#size--
    return true
  }

  clear (): void {
    this.#lines.clear()
    this.#heap.length = 0
    this.#size = 0
  }

  /** Returns whether more than so many wait with that priority or a higher one */
  exceeds (count: number, priority: number): boolean {
    const next = [0]
    let left = count

    // what is below a lower priority in the heap is lower too
    for (const at of next) {
      const line = this.#heap[at]

      if (line != null && line.priority >= priority) {
        left -= line.members.size
        next.push(2 * at + 1, 2 * at + 2)
      }

      if (left < 0) {
        return true
      }
    }

    return false
  }

  /** Takes out the next */
  shift (): T | undefined {
    const { first } = this

    if (first != null) {
      this.delete(first)
    }

    return first
  }

  #open (priority: number): Line<T> {
    const members = new Set<T>()
    const line = { priority, members, order: members.values(), at: this.#heap.length }
    this.#lines.set(priority, line)
    this.#heap.push(line)
    this.#rise(line)

    return line
  }

  #close (line: Line<T>): void {
    const last = this.#heap.pop() as Line<T>
    this.#lines.delete(line.priority)

    if (last !== line) {
      this.#put(last, line.at)
      this.#rise(last)
      this.#sink(last)
    }
  }

  #put (line: Line<T>, at: number): void {
    this.#heap[at] = line
    line.at = at
  }

  #rise (line: Line<T>): void {
    while (line.at > 0) {
      const above = this.#heap[(line.at - 1) >> 1] as Line<T>

      if (above.priority >= line.priority) {
        return
      }

      this.#swap(above, line)
    }
  }

  #sink (line: Line<T>): void {
    let below = this.#highestBelow(line)

    while (below != null && below.priority > line.priority) {
      this.#swap(line, below)
      below = this.#highestBelow(line)
    }
  }

  #swap (above: Line<T>, below: Line<T>): void {
    const { at } = above
    this.#put(above, below.at)
    this.#put(below, at)
  }

  #highestBelow ({ at }: Line<T>): Line<T> | undefined {
    const left = this.#heap[2 * at + 1]
    const right = this.#heap[2 * at + 2]

    return left == null || right == null || left.priority >= right.priority ? left : right
  }
}
