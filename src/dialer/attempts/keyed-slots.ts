import { PriorityQueue } from './priority-queue.ts'
import type { Gate, Ticket } from './ticket.ts'

interface Group {
  readonly holders: Set<Ticket>
  /** Made when the first has to wait */
  waiting?: PriorityQueue<Ticket>
}

/** A number of slots for each of many: peers, transports, dials. The highest priority goes first */
export class KeyedSlots implements Gate {
  readonly isOwnWait: boolean
  readonly #groups = new Map<string, Group>()
  readonly #keyOf: (ticket: Ticket) => string
  readonly #maxOf: (key: string) => number

  constructor (keyOf: (ticket: Ticket) => string, maxOf: (key: string) => number, { isOwnWait = false }: { isOwnWait?: boolean } = {}) {
    this.#keyOf = keyOf
    this.#maxOf = maxOf
    this.isOwnWait = isOwnWait
  }

  enter (ticket: Ticket): boolean {
    const key = this.#keyOf(ticket)
    let group = this.#groups.get(key)

    if (group == null) {
      group = { holders: new Set() }
      this.#groups.set(key, group)
    }

    if (group.holders.size < this.#maxOf(key)) {
      group.holders.add(ticket)

      return true
    }

    group.waiting ??= new PriorityQueue()
    group.waiting.add(ticket)

    return false
  }

  leave (ticket: Ticket): void {
    const key = this.#keyOf(ticket)
    const group = this.#groups.get(key)

    if (group == null || group.waiting?.delete(ticket) === true || !group.holders.delete(ticket)) {
      return
    }

    const next = group.waiting?.shift()

    if (next != null) {
      group.holders.add(next)
      next.pass()
    } else if (group.holders.size === 0) {
      this.#groups.delete(key)
    }
  }

  raise (ticket: Ticket, priority: number): void {
    const waiting = this.#groups.get(this.#keyOf(ticket))?.waiting

    if (waiting?.delete(ticket) === true) {
      ticket.priority = priority
      waiting.add(ticket)
    }
  }
}
