/** Runs a limited number of members at once, highest priority first. Members that a running one depends on need not wait */
export class Schedule<T extends { priority: number }> {
  #max: number
  readonly #begin: (one: T) => void
  readonly #running = new Set<T>()
  /** Created when the first member has to wait, to save memory */
  #waiting?: PriorityQueue<T>
  #isFilling = false
  #isPaused = false

  constructor (max: number, begin: (one: T) => void) {
    this.#max = max
    this.#begin = begin
  }

  /** Maximum number of running members. A lower maximum stops none that run already */
  set max (max: number) {
    this.#max = max
    this.#fill()
  }

  get isEmpty (): boolean {
    return this.#running.size + this.#waitingCount === 0
  }

  /** Adds a member. `startsNow` starts it immediately, without counting it as running */
  add (one: T, startsNow = false): void {
    if (startsNow) {
      this.#waiting?.delete(one)
      this.#begin(one)
    } else if (this.#hasRoom && !this.#isFilling && this.#waitingCount === 0) {
      this.#fill(one)
    } else {
      (this.#waiting ??= new PriorityQueue()).add(one)
      this.#fill()
    }
  }

  raisePriority (one: T, priority: number): void {
    if (priority > one.priority) {
      const waits = this.#waiting?.delete(one)
      one.priority = priority

      if (waits === true) {
        this.#waiting?.add(one)
      }
    }
  }

  /** Passes the turn of a running member to the next waiting one */
  release (one: T): void {
    if (this.#running.delete(one)) {
      this.#fill()
    }
  }

  /** Removes a member that has ended or no longer wants to run */
  delete (one: T): void {
    this.#waiting?.delete(one)
    this.#running.delete(one)
    this.#fill()
  }

  /** Begins no waiting member until `resume()` */
  pause (): void {
    this.#isPaused = true
  }

  resume (): void {
    this.#isPaused = false
    this.#fill()
  }

  /** Removes all waiting members */
  clear (): void {
    this.#waiting = undefined
  }

  get #waitingCount (): number {
    return this.#waiting?.size ?? 0
  }

  get #hasRoom (): boolean {
    return !this.#isPaused && this.#running.size < this.#max
  }

  /** Begins waiting members in a loop: a member that ends at once begins the next, and recursion would overflow the stack */
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

/** The members of a queue that have the same priority */
interface Line<T> {
  readonly members: Set<T>
  /** Kept for the lifetime of the line: a new iterator would step over all members that were removed before it */
  readonly order: Iterator<T>
  /** Cached oldest member */
  first?: T
}

/** Maximum number of empty lines beyond one for each member */
const SPARE_LINES = 64

/**
 * A priority queue: highest priority first, FIFO within a priority. Operations take constant time. Adding the first member of a
 * priority, or removing the last, takes logarithmic time in the number of priorities: callers choose them
 */
export class PriorityQueue<T extends { readonly priority: number }> {
  readonly #lines = new Map<number, Line<T>>()
  /** The priorities of all lines, as a binary heap. An empty line stays until it is at the top */
  #heap: number[] = []
  #size = 0

  get size (): number {
    return this.#size
  }

  /** The next member */
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

  /** Adds a member, unless it is already in the queue. Its priority must not change while it is in the queue */
  add (one: T): void {
    const { members } = this.#lines.get(one.priority) ?? this.#open(one.priority)
    this.#size += members.has(one) ? 0 : 1
    members.add(one)
  }

  /** Removes a member. Returns whether it was in the queue */
  delete (one: T): boolean {
    const line = this.#lines.get(one.priority)

    if (line?.members.delete(one) !== true) {
      return false
    }

    line.first = line.first === one ? undefined : line.first
    this.#size--

    return true
  }

  /** Returns whether more than `count` members have that priority or a higher one */
  exceeds (count: number, priority: number): boolean {
    const next = [0]
    let left = count

    // the children of a lower priority are lower too
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

  /** Removes and returns the next member */
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

    // lower ancestors move down
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

    // the last replaces the top, and higher descendants move up
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
