/** Runs a limited number of members (dials, or tickets) at once, highest priority first. A member that a running one depends on need not wait */
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

  /** Passes the turn of a running member to the next waiting one. The member itself runs on */
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

  /** Begins no waiting member until `resume()`. Running ones go on */
  pause (): void {
    this.#isPaused = true
  }

  resume (): void {
    this.#isPaused = false
    this.#fill()
  }

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
  /** Iterates over `members`. Kept for the lifetime of the line: a new iterator would step over all members that were removed before */
  readonly order: Iterator<T>
  /** Cached oldest member */
  first?: T
}

/**
 * A priority queue: highest priority first, FIFO within a priority. Operations take constant time. Adding the first member of a
 * priority, or removing the last, takes linear time in the number of priorities: a node has a few
 */
export class PriorityQueue<T extends { readonly priority: number }> {
  readonly #lines = new Map<number, Line<T>>()
  /** The priorities of all lines, lowest first */
  readonly #priorities: number[] = []
  #size = 0

  get size (): number {
    return this.#size
  }

  get first (): T | undefined {
    const line = this.#lines.get(this.#priorities.at(-1) ?? NaN)

    return line == null ? undefined : (line.first ??= line.order.next().value)
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

    if (line.members.size === 0) {
      this.#lines.delete(one.priority)
      this.#priorities.splice(this.#priorities.lastIndexOf(one.priority), 1)
    }

    return true
  }

  /** Returns whether more than `count` members have that priority or a higher one */
  exceeds (count: number, priority: number): boolean {
    let left = count

    for (let at = this.#priorities.length - 1; left >= 0 && (this.#priorities[at] ?? NaN) >= priority; at--) {
      left -= this.#lines.get(this.#priorities[at] as number)?.members.size ?? 0
    }

    return left < 0
  }

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
    this.#lines.set(priority, line)
    this.#priorities.splice(this.#priorities.findLastIndex(one => one < priority) + 1, 0, priority)

    return line
  }
}
