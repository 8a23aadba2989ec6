import { AbortError } from '@libp2p/interface'
import { PriorityQueue } from '@libp2p/utils'
import { anySignal } from 'any-signal'
import { settledOrAborted } from '../../pipeline/foreign-promises.ts'
import { jobOf, knownJobOf } from './view.ts'
import type { Engine } from '../engine.ts'
import type { DialWatcher } from '../dials/dial-register.ts'
import type { JobView } from './view.ts'
import type { Queue } from '@libp2p/utils'

/** As much of libp2p's queue as whoever listens to it needs */
export type EventedQueue = Pick<Queue<any, any>, 'listenerCount' | 'safeDispatchEvent' | 'concurrency'>

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

/** Counts the tasks that are no dials */
let tasks = 0

/**
 * Stands in for the queue of libp2p's dialer while another one dials. Whoever watches that queue waits for it, counts it,
 * listens to it, changes its concurrency and ends its jobs as before.
 */
export class DialJobs extends PriorityQueue<any, any> {
  readonly #init: DialJobsInit
  /** What is no dial, and runs. It never waits */
  readonly #tasks = new Set<JobView>()
  #isPaused = false

  constructor (init: DialJobsInit) {
    super()
    this.#init = init
    Object.defineProperties(this, {
      queue: { get: () => this.#sorted },
      pending: { get: () => this.#count(({ dials }) => dials.pendingRuns, init.stock.filter(({ status }) => status === 'running').length) },
      paused: { get: () => this.#isPaused },
      // libp2p's own queue goes on with it after a detach
      concurrency: {
        get: () => init.kept.concurrency,
        set: (concurrency: number) => {
          init.kept.concurrency = concurrency

          for (const engine of init.engines()) {
            engine.maxParallelDials = concurrency
          }
        }
      }
    })
  }

  override get size (): number {
    return this.#count(({ dials }) => dials.pending.size, this.#init.stock.length)
  }

  override get queued (): number {
    return this.size - this.running
  }

  /** Counted, for no job to be made: thousands of dials may wait, and each that ends is asked about */
  #count (of: (engine: Engine) => number, stock: number): number {
    let count = stock + this.#tasks.size

    for (const engine of this.#init.engines()) {
      count += of(engine)
    }

    return count
  }

  get #sorted (): JobView[] {
    return [...this.#init.stock, ...this.#init.ours(), ...this.#tasks].toSorted(Reflect.get(this, 'sort'))
  }

  /** What happens to the dials of an engine, as events of both queues: somebody may have kept libp2p's own */
  watch (engine: Engine): DialWatcher {
    if (this.#isPaused) {
      engine.dials.schedule.pause()
    }

    return {
      added: () => { this.#emit('add') },
      active: () => { this.#emit('active') },
      settled: (dial, outcome) => {
        knownJobOf(dial)?.end(outcome)
        this.#emitSettled(() => {
          const job = jobOf(dial, engine)
          job.end(outcome)

          return job
        }, 'connection' in outcome ? { result: outcome.connection } : outcome)
      }
    }
  }

  /** A task that is no dial begins at once */
  override async add (fn: (options: any) => Promise<any>, options: any = {}): Promise<any> {
    options.signal?.throwIfAborted()
    const controller = new AbortController()
    const job = { id: `task-${++tasks}`, status: 'running' as const, options, controller, abort: (reason: unknown) => { controller.abort(reason) } }
    const signal = anySignal([controller.signal, options.signal])
    this.#tasks.add(job)
    this.#emit('add')
    this.#emit('active')

    try {
      const result = await settledOrAborted(fn({ ...options, signal }), signal)
      this.#tasks.delete(job)
      this.#emitSettled(() => job, { result })

      return result
    } catch (error) {
      this.#tasks.delete(job)
      this.#emitSettled(() => job, { error })
      throw error
    } finally {
      signal.clear()
    }
  }

  /** Jobs that run go on. Libp2p's queue forgets the others: here their callers are told */
  override clear (): void {
    this.#init.stock.splice(0)
    this.#init.ours().filter(({ status }) => status === 'queued').forEach(job => { job.abort(new AbortError('The dial queue was cleared')) })
  }

  override pause (): void {
    this.#isPaused = true

    for (const engine of this.#init.engines()) {
      engine.dials.schedule.pause()
    }
  }

  override resume (): void {
    this.#isPaused = false

    for (const engine of this.#init.engines()) {
      engine.dials.schedule.resume()
    }
  }

  // libp2p's queue calls these two once in a millisecond: whoever was given the connection may ask for the next dial
  override emitEmpty (): void {
    if (this.size === 0) {
      this.#emit('empty')
    }
  }

  override emitIdle (): void {
    if (this.running === 0) {
      this.#emit('idle')
    }
  }

  #emitSettled (makeJob: () => unknown, outcome: { readonly result: unknown } | { readonly error: unknown }): void {
    if ('result' in outcome) {
      this.#emit('completed', () => outcome.result)
      this.#emit('success', () => ({ job: makeJob(), ...outcome }))
    } else {
      this.#emit('failure', () => ({ job: makeJob(), ...outcome }))
    }

    this.#emit('next')

    if (this.size === 0) {
      this.emitEmpty()
      this.emitIdle()
    }
  }

  #emit (type: string, detailOf?: () => unknown): void {
    const { kept } = this.#init
    const isHeard = this.listenerCount(type) > 0
    const isHeardByKept = kept.listenerCount(type) > 0

    if (isHeard || isHeardByKept) {
      const init: any = { detail: detailOf?.() }

      for (const queue of [...isHeard ? [this] : [], ...isHeardByKept ? [kept] : []]) {
        // the events of a queue are typed one by one, and these are passed on whatever they are
        queue.safeDispatchEvent(type as any, init)
      }
    }
  }
}
