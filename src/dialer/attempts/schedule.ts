/** Who runs: so many at once, the highest priority first. Who is needed by one that runs does not wait */
export class Schedule<T extends { priority: number }> {
  #max: number
  readonly #begin: (one: T) => void
  readonly #running = new Set<T>()
  /** Made when the first has to wait */
  #waiting?: PriorityQueue<T>
  #isFilling = false
  #isPaused = false

  constructor (max: number, begin: (one: T) => void) {
    this.#max = max
    this.#begin = begin
  }

  /** How many run at once. Those that run go on where it becomes fewer */
  set max (max: number) {
    this.#max = max
    this.#fill()
  }

  get isEmpty (): boolean {
    return this.#running.size + this.#waitingCount === 0
  }

  /** `atOnce` begins beside those that take turns */
  add (one: T, atOnce = false): void {
    if (atOnce) {
      this.#waiting?.delete(one)
      this.#begin(one)
    } else if (this.#hasRoom && !this.#isFilling && this.#waitingCount === 0) {
      this.#fill(one)
    } else {
      (this.#waiting ??= new PriorityQueue()).add(one)
      this.#fill()
    }
  }

  raise (one: T, priority: number): void {
    if (priority > one.priority) {
      const waits = this.#waiting?.delete(one)
      one.priority = priority

      if (waits === true) {
        this.#waiting?.add(one)
      }
    }
  }

  /** Gives the turn of one that runs to the next that waits */
  release (one: T): void {
    if (this.#running.delete(one)) {
      this.#fill()
    }
  }

  /** It has ended, or does not want to run any more */
  delete (one: T): void {
    this.#waiting?.delete(one)
    this.#running.delete(one)
    this.#fill()
  }

  /** Those that wait go on to wait */
  pause (): void {
    this.#isPaused = true
  }

  resume (): void {
    this.#isPaused = false
    this.#fill()
  }

  /** Nobody waits any more */
  clear (): void {
    this.#waiting = undefined
  }

  get #waitingCount (): number {
    return this.#waiting?.size ?? 0
  }

  get #hasRoom (): boolean {
    return !this.#isPaused && this.#running.size < this.#max
  }

  /** One that begins may end at once and ask for the next: the loop goes on by itself, or its stack would grow with each */
  #fill (first?: T): void {
    if (this.#isFilling) {
      return
    }

    this.#isFilling = true

    try {
      for (let one = first ?? this.#shift(); one != null; one = this.#shift()) {
        this.#running.add(one)
        this.#begin(one)
      }
    } finally {
      this.#isFilling = false
    }
  }

  #shift (): T | undefined {
    return this.#hasRoom ? this.#waiting?.shift() : undefined
  }
}

/** The members of a queue that have one priority */
interface Line<T> {
  readonly members: Set<T>
  /** Begun once: a new one would go past all that were taken out before it */
  readonly order: Iterator<T>
  /** The oldest, where it was looked at */
  first?: T
}

/** How many lines without members are kept, beside one for each member */
const SPARE_LINES = 64

/**
 * What waits for its turn: the highest priority first, among equals the oldest. An operation takes constant time. Where the first of a
 * priority comes, or the last is taken out, it takes the logarithm of how many priorities there are: callers choose them
 */
export class PriorityQueue<T extends { readonly priority: number }> {
  readonly #lines = new Map<number, Line<T>>()
  /** The priorities of all lines, in a binary heap. A line without members stays until it is the first */
  #heap: number[] = []
  #size = 0

  get size (): number {
    return this.#size
  }

  /** The next */
  get first (): T | undefined {
    for (let [priority] = this.#heap; priority != null; [priority] = this.#heap) {
      const line = this.#lines.get(priority) as Line<T>

      if (line.members.size > 0) {
        return (line.first ??= line.order.next().value as T)
      }

      this.#lines.delete(priority)
      this.#dropHighest()
    }
  }

  /** Nothing where it waits already. Its priority stays the same while it waits */
  add (one: T): void {
    const { members } = this.#lines.get(one.priority) ?? this.#open(one.priority)
    this.#size += members.has(one) ? 0 : 1
    members.add(one)
  }

  /** Returns whether it was there */
  delete (one: T): boolean {
    const line = this.#lines.get(one.priority)

    if (line?.members.delete(one) !== true) {
      return false
    }

    line.first = line.first === one ? undefined : line.first
    this.#size--

    return true
  }

  /** Returns whether more than so many wait with that priority or a higher one */
  exceeds (count: number, priority: number): boolean {
    const next = [0]
    let left = count

    // what is below a lower priority in the heap is lower too
    for (const at of next) {
      const here = this.#heap[at]

      if (here != null && here >= priority) {
        left -= this.#lines.get(here)?.members.size ?? 0
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
    const line = { members, order: members.values() }

    if (this.#heap.length > this.#size + SPARE_LINES) {
      this.#dropEmpty()
    }

    this.#lines.set(priority, line)
    let at = this.#heap.length

    // those above that are lower move down
    for (let above = (at - 1) >> 1; at > 0 && (this.#heap[above] as number) < priority; above = (at - 1) >> 1) {
      this.#heap[at] = this.#heap[above] as number
      at = above
    }

    this.#heap[at] = priority

    return line
  }

  #dropHighest (): void {
    const last = this.#heap.pop()
    let at = 0

    // the last takes its place, and those below that are higher move up
    while (last != null && this.#heap.length > 0) {
      const left = 2 * at + 1
      const below = (this.#heap[left + 1] ?? -Infinity) > (this.#heap[left] ?? -Infinity) ? left + 1 : left

      if ((this.#heap[below] ?? -Infinity) <= last) {
        this.#heap[at] = last

        return
      }

      this.#heap[at] = this.#heap[below] as number
      at = below
    }
  }

  #dropEmpty (): void {
    this.#heap.filter(priority => this.#lines.get(priority)?.members.size === 0).forEach(priority => { this.#lines.delete(priority) })
    this.#heap = [...this.#lines.keys()].toSorted((a, b) => b - a)
  }
}
