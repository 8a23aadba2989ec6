import { AbortError } from '@libp2p/interface'
import { Queue } from '@libp2p/utils'
import { jobOf } from './view.ts'
import type { DialWatcher, Engine } from './engine.ts'
import type { JobView } from './view.ts'

/** As much of libp2p's queue as whoever listens to it needs */
export type EventedQueue = Pick<Queue<any, any>, 'listenerCount' | 'safeDispatchEvent'>

export interface DialJobsInit {
  /** The jobs that libp2p's own dialer was given before: an array that its queue keeps */
  readonly stock: JobView[]
  /** Libp2p's own queue */
  readonly kept: EventedQueue
  /** The pending dials of the engines */
  readonly ours: () => JobView[]
  /** Those that may have pending dials */
  readonly engines: () => Iterable<Engine>
}

/**
 * Stands in for the queue of libp2p's dialer while another one dials. Whoever watches that queue waits for it, counts it,
 * listens to it and ends its jobs as before.
 */
export class DialJobs extends Queue<any, any> {
  readonly #init: DialJobsInit

  constructor (init: DialJobsInit, concurrency?: number) {
    super({ concurrency })
    this.#init = init
    Object.defineProperties(this, {
      queue: { get: () => [...init.stock, ...init.ours()] },
      pending: { get: () => this.#count(({ pendingRuns }) => pendingRuns, init.stock.filter(({ status }) => status === 'running').length) }
    })
  }

  override get size (): number {
    return this.#count(({ pending }) => pending.size, this.#init.stock.length)
  }

  override get queued (): number {
    return this.size - this.running
  }

  /** Counted, for no job to be made: thousands of dials may wait, and each that ends is asked about */
  #count (of: (engine: Engine) => number, stock: number): number {
    return Array.from(this.#init.engines(), of).reduce((sum, count) => sum + count, stock)
  }

  /** What happens to the dials of an engine, as events of both queues: somebody may have kept libp2p's own */
  watch (engine: Engine): DialWatcher {
    return {
      added: () => { this.#emit('add') },
      active: () => { this.#emit('active') },
      settled: (dial, outcome) => {
        if ('connection' in outcome) {
          const { connection } = outcome
          this.#emit('completed', () => connection)
          this.#emit('success', () => ({ job: jobOf(dial, engine), result: connection }))
        } else {
          this.#emit('failure', () => ({ job: jobOf(dial, engine), error: outcome.error }))
        }

        this.#emit('next')
        // whoever was given the connection may ask for the next dial
        queueMicrotask(() => { this.#emitIdle() })
      }
    }
  }

  /** A task that is no dial begins at once */
  override async add (fn: (options: any) => Promise<any>, options: any = {}): Promise<any> {
    options.signal?.throwIfAborted()

    return fn(options)
  }

  /** Jobs that run go on. Libp2p's queue forgets the others: here their callers are told */
  override clear (): void {
    this.#init.stock.splice(0)
    this.#init.ours().filter(({ status }) => status === 'queued').forEach(job => { job.abort(new AbortError('The dial queue was cleared')) })
  }

  override pause (): void {
    for (const engine of this.#init.engines()) {
      engine.pause()
    }
  }

  override resume (): void {
    for (const engine of this.#init.engines()) {
      engine.resume()
    }
  }

  #emitIdle (): void {
    if (this.size === 0) {
      this.#emit('empty')
      this.#emit('idle')
    }
  }

  #emit (type: string, detailOf?: () => unknown): void {
    const listening = [this, this.#init.kept].filter(queue => queue.listenerCount(type) > 0)

    if (listening.length > 0) {
      const detail = detailOf?.()
      listening.forEach(queue => { queue.safeDispatchEvent(type as any, { detail }) })
    }
  }
}
