import { AbortError } from '@libp2p/interface'
import PQueue from 'p-queue'
import { Places } from './places.ts'
import { Queues } from './queues.ts'
import { Speculation } from './speculation.ts'
import type { PlaceTaker } from './places.ts'
import type { Enter } from './queues.ts'
import type { SlotRequest, SlotsInit } from './slot-request.ts'
import type { SlotTaker } from './speculation.ts'

/** With libp2p's default of 100 dials at once the node has 160 slots, as many as go-libp2p has (limiter.go) */
const MAX_SPECULATIVE_ATTEMPTS = 60
const SPECULATIVE_SHARE = 3 / 8

/** What go-libp2p allows (limiter.go) */
const MAX_PARALLEL_ATTEMPTS_PER_PEER = 8

/** One network is not asked for more than one peer is */
const MAX_PARALLEL_ATTEMPTS_PER_PREFIX = 8

/** A relay has a few addresses, and whoever names it may name many */
const MAX_PARALLEL_ATTEMPTS_FOR_ANOTHER = 4

// made once: an Error is dear
const AGAIN = new AbortError('It waits for other slots')

/** A slot is held until the task has really ended, also one that goes on after an abort */
export class Slots {
  readonly #hasNodeLimit: boolean
  readonly #node: PQueue
  readonly #speculation: Speculation
  readonly #peers: Queues
  readonly #prefixes: Places
  readonly #nested = new Queues(MAX_PARALLEL_ATTEMPTS_FOR_ANOTHER)
  readonly #transports: Map<string, PQueue>

  /** @param maxParallelDials how many dials of the node run at once: each has room for one attempt where `node` is not set */
  constructor ({ node, peer = MAX_PARALLEL_ATTEMPTS_PER_PEER, prefix = MAX_PARALLEL_ATTEMPTS_PER_PREFIX, transport = {} }: SlotsInit = {}, maxParallelDials: number) {
    this.#hasNodeLimit = node != null
    this.#node = new PQueue({ concurrency: node ?? slotsFor(maxParallelDials) })
    this.#speculation = new Speculation(node == null ? MAX_SPECULATIVE_ATTEMPTS : Math.max(1, Math.floor(node * SPECULATIVE_SHARE)))
    this.#peers = new Queues(peer)
    this.#prefixes = new Places(prefix)
    this.#transports = new Map(Object.entries(transport).map(([name, concurrency]) => [name, new PQueue({ concurrency })]))
  }

  /** Another number of dials run at once */
  set maxParallelDials (maxParallelDials: number) {
    const slots = slotsFor(maxParallelDials)

    // whoever sets the concurrency of libp2p's queue is not told that a value is no number
    if (!this.#hasNodeLimit && slots > 0) {
      this.#node.concurrency = slots
    }
  }

  /** A dial wants the attempt */
  join (attempt: SlotTaker, dial: object): void {
    this.#speculation.join(attempt, dial)
  }

  /** The attempt has failed, or a dial does not want it any more, or discards its connection */
  leave (attempt: SlotTaker, dial: object): void {
    this.#speculation.leave(attempt, dial)
  }

  /** The dial has given its turn away: none of its attempts is the first of a dial */
  demote (dial: object): void {
    this.#speculation.demote(dial)
  }

  /**
   * Runs the task when there is a slot of every kind. The task is given what gives back the slots of its prefixes while it goes on
   *
   * @throws the signal's reason when it aborts while waiting; what the task throws
   */
  async run<T> (request: SlotRequest, task: (release: () => void) => Promise<T>): Promise<T> {
    let current = request

    while (true) {
      try {
        return await this.#enter(current, task)
      } catch (err) {
        if (err !== AGAIN) {
          throw err
        }
      }

      // a copy would keep the priority of this moment
      current = request.freed?.aborted === true ? { ...request, prefixes: [], freed: undefined, get priority () { return request.priority } } : request
    }
  }

  /** @throws AGAIN where it has to wait for other slots, or anew */
  async #enter<T> (request: SlotRequest, task: (release: () => void) => Promise<T>): Promise<T> {
    const { signal, charged, freed } = request
    signal.throwIfAborted()

    // a queue gives a slot away when the signal of a running task aborts, so this one only ends the wait
    const waiting = new AbortController()
    const onAbort = (): void => { waiting.abort(signal.reason) }
    const onSpared = (): void => { waiting.abort() }
    const stopListening = (): void => {
      signal.removeEventListener('abort', onAbort)
      charged?.removeEventListener('abort', onSpared)
      freed?.removeEventListener('abort', onSpared)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    charged?.addEventListener('abort', onSpared, { once: true })
    freed?.addEventListener('abort', onSpared, { once: true })

    // found when it is entered, because one with nothing to do is forgotten. The prefix first: who waits for that keeps no
    // slot from anybody else. Then the peer and the turn of a speculative attempt: while it waits, it keeps none from another peer
    const { prefixes = [], place = permanentTaker(request), attempt, dial } = request
    let hasBegun = false
    // where it waits for its own peer or its own dial. In line with all others it keeps its place, and its turn
    let isOwnWait = false
    const taker: PlaceTaker = {
      get priority () { return place.priority },
      get isBack () { return place.isBack },
      get mayLeave () { return place.mayLeave && (hasBegun || isOwnWait) },
      onPlace: () => { place.onPlace?.() },
      // one that waits for slots of other kinds waits for its place again
      leave: () => {
        if (hasBegun) {
          place.leave()
        } else {
          onSpared()
        }
      }
    }
    const queued = (find: () => PQueue): Enter => next => find().add(next, { id: request.id, priority: request.priority, signal: waiting.signal })
    const guarded: Enter[] = [
      ...prefixes.map<Enter>(prefix => next => this.#prefixes.run(prefix, taker, waiting.signal, next)),
      // what it waits for from here on it needs all the same
      next => {
        freed?.removeEventListener('abort', onSpared)
        return next()
      }
    ]
    const transport = this.#transports.get(request.transport)
    const steps: Enter[] = charged?.aborted === true ? [...dial == null ? [] : [queued(() => this.#nested.of(dial))], ...guarded] : [
      ...guarded,
      next => {
        isOwnWait = true
        return next()
      },
      queued(() => this.#peers.of(request.peer)),
      next => this.#speculation.run({ attempt, priority: request.priority, signal: waiting.signal }, next),
      next => {
        isOwnWait = false
        return next()
      },
      ...transport == null ? [] : [queued(() => transport)],
      queued(() => this.#node)
    ]

    const enter = steps.reduceRight<() => Promise<T>>((next, step) => () => step(next), async () => {
      stopListening()
      hasBegun = true
      return task(() => { prefixes.forEach(prefix => { this.#prefixes.release(prefix, taker) }) })
    })

    if (prefixes.some(prefix => this.#prefixes.isFull(prefix))) {
      request.onHeld?.()
    }

    try {
      return await enter()
    } catch (err) {
      if (waiting.signal.aborted && !signal.aborted && !hasBegun) {
        throw AGAIN
      }

      throw err
    } finally {
      stopListening()
      this.#peers.tidy(request.peer)

      if (dial != null) {
        this.#nested.tidy(dial)
      }
    }
  }

  /** Has holders of slots of these prefixes leave, as far as others wait for them */
  review (prefixes: readonly string[]): void {
    prefixes.forEach(prefix => { this.#prefixes.review(prefix) })
  }

  /** A caller of higher priority joined what waits for a slot */
  raise ({ id, peer, transport, dial, prefixes = [], attempt }: Pick<SlotRequest, 'id' | 'peer' | 'transport' | 'prefixes' | 'dial' | 'attempt'>, priority: number): void {
    if (attempt != null) {
      this.#speculation.raise(attempt, priority)
    }

    this.review(prefixes)

    for (const queue of [this.#peers.get(peer), ...dial == null ? [] : [this.#nested.get(dial)], this.#transports.get(transport), this.#node]) {
      moveTo(priority, id, queue)
    }
  }
}

function moveTo (priority: number, id: string, queue: PQueue | undefined): void {
  try {
    queue?.setPriority(id, priority)
  } catch {
    // it does not wait in this one
  }
}

/** Keeps its places to the end */
function permanentTaker (request: SlotRequest): PlaceTaker {
  return { get priority () { return request.priority }, isBack: false, mayLeave: false, leave: () => {} }
}

/** Room for the first attempt of each dial, and for the speculative ones */
function slotsFor (maxParallelDials: number): number {
  return Math.max(0, maxParallelDials) + MAX_SPECULATIVE_ATTEMPTS
}
