import { AbortError } from '@libp2p/interface'
import PQueue from 'p-queue'
import type { Gate, Ticket } from './ticket.ts'

// shared: creating an Error costs more than the rest
const LEFT = new AbortError('The attempt does not wait any more')

interface Wait {
  readonly id: string
  readonly controller: AbortController
}

/**
 * The slots of a node, the highest priority first. A slot is held until the ticket ends. The queue has those that wait:
 * as a task that runs, each attempt in flight would take 1.6 kB there
 */
export class NodeSlots implements Gate {
  readonly #queue = new PQueue({ autoStart: false })
  readonly #holders = new Set<Ticket>()
  readonly #waiting = new Map<Ticket, Wait>()
  #concurrency: number
  #count = 0

  constructor (concurrency: number) {
    this.#concurrency = concurrency
  }

  set concurrency (concurrency: number) {
    this.#concurrency = concurrency
    this.#next()
  }

  enter (ticket: Ticket): boolean {
    // where others wait, the room is theirs
    if (this.#waiting.size === 0 && this.#hasRoom) {
      this.#holders.add(ticket)

      return true
    }

    this.#pauseIfFull()
    const wait = { id: `${++this.#count}`, controller: new AbortController() }
    this.#waiting.set(ticket, wait)
    // p-queue rejects with what ends the wait, and with nothing else here
    this.#queue.add(() => { this.#grant(ticket) }, { id: wait.id, priority: ticket.priority, signal: wait.controller.signal }).catch(() => {})

    return false
  }

  leave (ticket: Ticket): void {
    const wait = this.#waiting.get(ticket)
    this.#waiting.delete(ticket)
    wait?.controller.abort(LEFT)

    if (this.#holders.delete(ticket)) {
      // not now: one that begins may end at once, and the stack would grow with each
      queueMicrotask(() => { this.#next() })
    }
  }

  raise (ticket: Ticket, priority: number): void {
    const wait = this.#waiting.get(ticket)

    if (wait != null) {
      ticket.priority = priority
      // p-queue raises none to Infinity
      this.#queue.setPriority(wait.id, Math.min(priority, Number.MAX_VALUE))
    }
  }

  get #hasRoom (): boolean {
    return this.#holders.size < this.#concurrency
  }

  #pauseIfFull (): void {
    if (!this.#hasRoom) {
      this.#queue.pause()
    }
  }

  #next (): void {
    if (this.#hasRoom) {
      this.#queue.start()
    }
  }

  #grant (ticket: Ticket): void {
    this.#waiting.delete(ticket)
    this.#holders.add(ticket)
    this.#pauseIfFull()
    ticket.pass()
  }
}
