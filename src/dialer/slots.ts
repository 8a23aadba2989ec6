import PQueue from 'p-queue'
import type { AbortOptions } from '@libp2p/interface'

/** How many attempts may be in flight at once: sockets, not peers, are what is scarce */
export interface SlotsInit {
  /**
   * In the whole node
   *
   * @default 160
   */
  node?: number
  /**
   * To one peer
   *
   * @default 8
   */
  peer?: number
  /** For a transport, by its `Symbol.toStringTag`. Default: no limit of its own */
  transport?: Readonly<Record<string, number>>
}

export interface SlotRequest extends Required<AbortOptions> {
  id: string
  peer: string
  transport: string
  priority: number
  /** Aborts when the task may no longer wait: it is made for one that holds a slot, and is charged to that */
  charged?: AbortSignal
}

/** What go-libp2p allows (limiter.go) */
const MAX_PARALLEL_ATTEMPTS = 160
const MAX_PARALLEL_ATTEMPTS_PER_PEER = 8

/** A slot is held until the task has really ended, also one that goes on after an abort */
export class Slots {
  readonly #node: PQueue
  readonly #perPeer: number
  readonly #peers = new Map<string, PQueue>()
  readonly #transports: Map<string, PQueue>

  constructor ({ node = MAX_PARALLEL_ATTEMPTS, peer = MAX_PARALLEL_ATTEMPTS_PER_PEER, transport = {} }: SlotsInit = {}) {
    this.#node = new PQueue({ concurrency: node })
    this.#perPeer = peer
    this.#transports = new Map(Object.entries(transport).map(([name, concurrency]) => [name, new PQueue({ concurrency })]))
  }

  /**
   * Runs the task when there is a slot of every kind
   *
   * @throws the signal's reason when it aborts while waiting; what the task throws
   */
  async run<T> (request: SlotRequest, task: () => Promise<T>): Promise<T> {
    const { signal, charged } = request
    signal.throwIfAborted()

    if (charged?.aborted === true) {
      return task()
    }

    // a queue gives a slot away when the signal of a running task aborts, so this one only ends the wait
    const waiting = new AbortController()
    const onAbort = (): void => { waiting.abort(signal.reason) }
    const onCharged = (): void => { waiting.abort() }
    const stopListening = (): void => {
      signal.removeEventListener('abort', onAbort)
      charged?.removeEventListener('abort', onCharged)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    charged?.addEventListener('abort', onCharged, { once: true })

    const peers = this.#peerQueue(request.peer)
    const queues = [peers, this.#transports.get(request.transport), this.#node].filter(queue => queue != null)

    const enter = queues.reduceRight<() => Promise<T>>(
      (next, queue) => async () => queue.add(next, { id: request.id, priority: request.priority, signal: waiting.signal }),
      async () => {
        stopListening()
        return task()
      }
    )

    try {
      return await enter()
    } catch (err) {
      if (waiting.signal.aborted && !signal.aborted) {
        return await task()
      }

      throw err
    } finally {
      stopListening()

      if (peers.size === 0 && peers.pending === 0) {
        this.#peers.delete(request.peer)
      }
    }
  }

  /** A caller of higher priority joined what waits for a slot */
  raise ({ id, peer, transport }: Pick<SlotRequest, 'id' | 'peer' | 'transport'>, priority: number): void {
    for (const queue of [this.#peers.get(peer), this.#transports.get(transport), this.#node]) {
      try {
        queue?.setPriority(id, priority)
      } catch {
        // it does not wait in this one
      }
    }
  }

  #peerQueue (peer: string): PQueue {
    const queue = this.#peers.get(peer) ?? new PQueue({ concurrency: this.#perPeer })
    this.#peers.set(peer, queue)

    return queue
  }
}
