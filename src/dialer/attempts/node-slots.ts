import { AbortError } from '@libp2p/interface'
import PQueue from 'p-queue'
import type { Gate, Ticket } from './ticket.ts'

// shared: creating an Error costs more than the rest
const LEFT = new AbortError('The attempt does not wait any more')

interface Turn {
  readonly id: string
  /** Ends the wait. A p-queue would also give the slot of a running task away when its signal aborts */
  readonly wait?: AbortController
  release?: () => void
}

/** The slots of a node, in one queue by priority. A slot is held until the attempt has really ended */
export class NodeSlots implements Gate {
  readonly #queue: PQueue
  readonly #turns = new Map<Ticket, Turn>()
  #count = 0

  constructor (concurrency: number) {
    this.#queue = new PQueue({ concurrency })
  }

  set concurrency (concurrency: number) {
    this.#queue.concurrency = concurrency
  }

  enter (ticket: Ticket): boolean {
    // where others wait, the room is theirs: the queue is about to let them in
    const hasRoom = this.#queue.size === 0 && this.#queue.pending < this.#queue.concurrency
    const turn: Turn = hasRoom ? { id: '' } : { id: `${++this.#count}`, wait: new AbortController() }
    this.#turns.set(ticket, turn)
    let isEntering = true

    const hold = async (): Promise<void> => new Promise(resolve => {
      turn.release = resolve

      if (!isEntering) {
        ticket.pass()
      }
    })

    // p-queue rejects with what ends the wait, and with nothing else here
    this.#queue.add(hold, { priority: ticket.priority, ...hasRoom ? {} : { id: turn.id, signal: turn.wait?.signal } }).catch(() => {})
    isEntering = false

    return turn.release != null
  }

  leave (ticket: Ticket): void {
    const turn = this.#turns.get(ticket)
    this.#turns.delete(ticket)

    if (turn?.release == null) {
      turn?.wait?.abort(LEFT)
    } else {
      turn.release()
    }
  }

  raise (ticket: Ticket, priority: number): void {
    const turn = this.#turns.get(ticket)

    if (turn?.wait != null && turn.release == null) {
      ticket.priority = priority
      // p-queue raises none to Infinity
      this.#queue.setPriority(turn.id, Math.min(priority, Number.MAX_VALUE))
    }
  }
}
