import { AbortError } from '@libp2p/interface'
import { PriorityQueue } from '@libp2p/utils'
import { anySignal } from 'any-signal'
import { settledOrAborted } from '../../pipeline/foreign-promises.ts'
import { DialJob } from './dial-job.ts'
import type { DialEngine } from '../dial-engine.ts'
import type { PendingDial } from '../dials/pending-dial.ts'
import type { DialWatcher } from '../dials/dial-register.ts'
import type { JobView, StockQueue } from './stock-queue.ts'

/** Counts the tasks that are not dials, for their ids */
let tasks = 0

/**
 * Replaces the queue of libp2p's dialer while an engine dials. Code that waits for that queue, counts it, listens to it, changes its
 * concurrency or ends its jobs works as before
 */
export class DialJobs extends PriorityQueue<any, any> {
  /** Libp2p's own queue, which listeners may still refer to */
  readonly #stockQueue: StockQueue['queue']
  /** The jobs that libp2p's own queue had before the swap: its live array, which only that queue changes */
  readonly #stock: JobView[]
  readonly #engines: ReadonlySet<DialEngine>
  /** Running tasks that are not dials. Such tasks are never queued */
  readonly #tasks = new Set<JobView>()
  /** The jobs of the dials that were ever asked for one: always the same object */
  readonly #jobs = new WeakMap<PendingDial, DialJob>()
  /** Running jobs that `clear()` has removed from the list, with the number of their callers so far. A new caller lists the job again */
  readonly #cleared = new Map<JobView, number>()
  #isPaused = false

  /** @param engines the engines that may have pending dials */
  constructor (stockQueue: StockQueue['queue'], engines: ReadonlySet<DialEngine>) {
    super()
    this.#stockQueue = stockQueue
    this.#stock = stockQueue.queue
    this.#engines = engines
    Object.defineProperties(this, {
      queue: { get: () => [...this.#stock, ...this.engineJobs, ...[...this.#tasks].filter(this.#isListed)].toSorted(Reflect.get(this, 'sort')) },
      pending: { get: () => this.#count(({ dials }) => dials.pendingRuns, this.#stock.filter(({ status }) => status === 'running').length) },
      paused: { get: () => this.#isPaused },
      // the setter also sets libp2p's own queue, which the node dials through again after a detach
      concurrency: {
        get: () => stockQueue.concurrency,
        set: (concurrency: number) => {
          stockQueue.concurrency = concurrency

          for (const engine of engines) {
            engine.maxParallelDials = concurrency
          }
        }
      }
    })
  }

  override get size (): number {
    const all = this.#count(({ dials }) => dials.pending.size, this.#stock.length)

    return this.#cleared.size === 0 ? all : all - [...this.#cleared.keys()].filter(job => !this.#isListed(job)).length
  }

  override get queued (): number {
    return this.size - this.running
  }

  /** Counts without making jobs: thousands of dials may be queued, and the count is read at the end of each */
  #count (of: (engine: DialEngine) => number, stock: number): number {
    let count = stock + this.#tasks.size

    for (const engine of this.#engines) {
      count += of(engine)
    }

    return count
  }

  /** The pending dials of the engines, as jobs */
  get engineJobs (): JobView[] {
    return [...this.#engines].flatMap(engine => Array.from(engine.dials.pending, dial => this.#jobOf(dial, engine))).filter(this.#isListed)
  }

  #jobOf (dial: PendingDial, engine: DialEngine): DialJob {
    const job = this.#jobs.get(dial) ?? new DialJob(dial, engine)
    this.#jobs.set(dial, job)

    return job
  }

  readonly #isListed = (job: JobView): boolean => this.#cleared.get(job) !== callersOf(job)

  /** Returns a watcher that emits the events of an engine's dials on both queues, because code may still refer to libp2p's own */
  watch (engine: DialEngine): DialWatcher {
    if (this.#isPaused) {
      engine.dials.schedule.pause()
    }

    return {
      added: () => { this.#emit('add') },
      active: () => { this.#emit('active') },
      settled: (dial, outcome) => {
        const known = this.#jobs.get(dial)

        if (known != null) {
          known.end(outcome)
          this.#cleared.delete(known)
        }

        this.#emitSettled(() => {
          const job = this.#jobOf(dial, engine)
          job.end(outcome)

          return job
        }, 'connection' in outcome ? { result: outcome.connection } : outcome)
      }
    }
  }

  /** Runs a task that is not a dial, at once */
  override async add (fn: (options: any) => Promise<any>, options: any = {}): Promise<any> {
    options.signal?.throwIfAborted()
    const controller = new AbortController()
    const job = { id: `task-${++tasks}`, status: 'running' as const, options, controller, abort: (reason: unknown) => { controller.abort(reason) } }
    const signal = anySignal([controller.signal, options.signal])
    const remove = (): void => {
      this.#tasks.delete(job)
      this.#cleared.delete(job)
    }
    this.#tasks.add(job)
    this.#emit('add')
    this.#emit('active')

    try {
      const result = await settledOrAborted(fn({ ...options, signal }), signal)
      remove()
      this.#emitSettled(() => job, { result })

      return result
    } catch (error) {
      remove()
      this.#emitSettled(() => job, { error })
      throw error
    } finally {
      signal.clear()
    }
  }

  /** Removes all jobs from the list. Running jobs go on. Unlike in libp2p's queue, the callers of queued jobs reject */
  override clear (): void {
    this.#stock.splice(0)
    const { queued = [], running = [] } = Object.groupBy([...this.engineJobs, ...this.#tasks], ({ status }) => status)
    running.forEach(job => { this.#cleared.set(job, callersOf(job)) })
    queued.forEach(job => { job.abort(new AbortError('The dial queue was cleared')) })
  }

  override pause (): void {
    this.#isPaused = true

    for (const engine of this.#engines) {
      engine.dials.schedule.pause()
    }
  }

  override resume (): void {
    this.#isPaused = false

    for (const engine of this.#engines) {
      engine.dials.schedule.resume()
    }
  }

  // libp2p's queue calls `emitEmpty()` and `emitIdle()` a millisecond late. The caller of the last dial may have asked for another one meanwhile
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
    const stockQueue = this.#stockQueue
    const isHeard = this.listenerCount(type) > 0
    const isHeardByStock = stockQueue.listenerCount(type) > 0

    if (isHeard || isHeardByStock) {
      const init: any = { detail: detailOf?.() }

      for (const queue of [...isHeard ? [this] : [], ...isHeardByStock ? [stockQueue] : []]) {
        // `any`: libp2p types the events of a queue one by one, but this passes on any of them
        queue.safeDispatchEvent(type as any, init)
      }
    }
  }
}

function callersOf (job: JobView): number {
  return job instanceof DialJob ? job.callerCount : 1
}
