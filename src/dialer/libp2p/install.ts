import { CustomProgressEvent } from 'progress-events'
import { IncompatibleConnectionManagerError } from '../../pipeline/errors.ts'
import { outerAttemptOf } from '../attempts/nested.ts'
import { checkCallerOptions, reportProgress } from '../dials/caller.ts'
import { dialOf } from '../dials/traced-dial.ts'
import { DialJobs } from './dial-jobs.ts'
import { isDialable } from '../dials/is-dialable.ts'
import { patch } from '../../pipeline/patch.ts'
import { isStopped } from './stock-queue.ts'
import { preferredConnection } from '../dials/open-connections.ts'
import { parseTarget } from '../dials/target.ts'
import type { DialEngine } from '../dial-engine.ts'
import type { JobView, StockQueue, SwappableConnectionManager } from './stock-queue.ts'
import type { DialTarget } from '../dials/target.ts'
import type { DialPipelineOptions } from '../../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** The installation of each libp2p dial queue */
const installed = new WeakMap<StockQueue, Installed>()

/** Marks a dial queue while a dialer is attached. Global, so that every copy of this package sees it */
const ATTACHED = Symbol.for('libp2p-dial-pipeline.attached')

/** Key of the caller's own `force` option, in options that the connection manager passes on to the dial */
const FORCE = Symbol('libp2p-dial-pipeline.force')

function restoreForce<T extends DialPipelineOptions & { [FORCE]?: boolean }> (options: T | undefined): T | undefined {
  return options != null && FORCE in options ? { ...options, force: options[FORCE] } : options
}

/**
 * Replaces the dialer of a connection manager with an engine. Only this file changes the connection manager's dialer
 *
 * @returns a function that restores libp2p's own dialer for new dials. Running dials finish with the engine
 * @throws IncompatibleConnectionManagerError when a dialer is attached already
 */
export function install (connectionManager: SwappableConnectionManager, engine: DialEngine): () => void {
  const stock: StockQueue & { [ATTACHED]?: string } = connectionManager.dialQueue
  const attached = stock[ATTACHED]

  // with two dialers on one node, chance would decide which one dials
  if (attached != null) {
    throw new IncompatibleConnectionManagerError(`This node has a dialer already: ${attached}. Detach that first, or change its pipeline with use()`)
  }

  const installation = installed.get(stock) ?? new Installed(connectionManager)
  installed.set(stock, installation)

  return installation.attach(engine)
}

/** The engines of one node. One is attached and dials. Detached ones finish their dials */
class Installed {
  readonly #connectionManager: SwappableConnectionManager
  readonly #stock: StockQueue
  readonly #stockQueue: StockQueue['queue']
  readonly #jobs: DialJobs
  readonly #openConnection: SwappableConnectionManager['openConnection']
  #attached?: DialEngine
  /** The attached engine, and detached ones that still have dials: a stop of the node has to end those too */
  readonly #busy = new Set<DialEngine>()
  /** Undo functions, called when the engine is detached */
  #unpatchAttached: Array<() => void> = []
  /** Undo functions, called when every engine is idle */
  #unpatch: Array<() => void> = []

  constructor (connectionManager: SwappableConnectionManager) {
    const stock = connectionManager.dialQueue

    this.#connectionManager = connectionManager
    this.#stock = stock
    this.#stockQueue = stock.queue
    this.#openConnection = connectionManager.openConnection
    this.#jobs = new DialJobs(stock.queue, this.#busy)
  }

  attach (engine: DialEngine): () => void {
    this.#attached = engine
    this.#busy.add(engine)
    engine.dials.watcher = this.#jobs.watch(engine)

    if (this.#unpatch.length === 0) {
      this.#unpatch = this.#patch()
    }

    this.#unpatchAttached = [
      showIn(this.#stockQueue, () => this.#jobs.engineJobs),
      patch(this.#connectionManager, 'openConnection', this.#open),
      patch(this.#stock as StockQueue & { [ATTACHED]?: string }, ATTACHED, 'one of libp2p-dial-pipeline')
    ]

    if (isStopped(this.#stock)) {
      engine.stop()
    }

    return () => { this.#detach(engine) }
  }

  /** Patches libp2p's objects in place, because other code may already refer to the dial queue or to its inner queue */
  #patch (): Array<() => void> {
    const stock = this.#stock
    const { dial, isDialable: isDialableByStock, start, stop } = stock
    const original = Object.create(stock, { queue: { value: this.#stockQueue } }) as StockQueue

    return [
      patch(stock, 'dial', (target, callerOptions) => {
        const options = restoreForce(callerOptions)

        return this.#engineFor(options)?.dial(target, options) ?? dial.call(original, target, options)
      }),
      patch(stock, 'isDialable', async (multiaddr, options) => {
        if (this.#attached == null) {
          return isDialableByStock.call(original, multiaddr, options)
        }

        const { barrier, components, settings } = this.#attached

        // waits for the barrier, as a dial that starts now would
        return await barrier?.opensWithin(settings.dialTimeout, components.clock, options?.signal) !== false && isDialable(multiaddr, components, options)
      }),
      // some nodes call start and stop more than once, which engines allow
      patch(stock, 'start', () => {
        start.call(stock)
        this.#busy.forEach(engine => { engine.start() })
      }),
      // engines stop first: libp2p's queue would end their dials one by one, and each end would start a queued dial
      patch(stock, 'stop', () => {
        this.#busy.forEach(engine => { engine.stop() })
        stop.call(original)
      }),
      patch(stock, 'queue', this.#jobs as unknown as StockQueue['queue'])
    ]
  }

  /** Returns the engine that a nested dial belongs to, even if that engine is detached. Else the attached engine */
  #engineFor (options?: DialPipelineOptions): DialEngine | undefined {
    return [...this.#busy].find(engine => options != null && outerAttemptOf(options, engine.components) != null) ?? this.#attached
  }

  #detach (engine: DialEngine): void {
    if (this.#attached !== engine) {
      return
    }

    this.#attached = undefined
    this.#unpatchAttached.forEach(undo => { undo() })

    void engine.dials.idle().then(() => {
      this.#busy.delete(engine)

      if (this.#busy.size === 0) {
        this.#unpatch.forEach(undo => { undo() })
        this.#unpatch = []
      }
    })
  }

  readonly #open = async (target: DialTarget, callerOptions: Parameters<SwappableConnectionManager['openConnection']>[1] = {}): ReturnType<SwappableConnectionManager['openConnection']> => {
    checkCallerOptions(callerOptions)
    callerOptions.signal?.throwIfAborted()
    const requested = parseTarget(target)
    const engine = this.#engineFor(callerOptions)

    // other code has kept this function beyond a detach
    if (engine == null) {
      return this.#openConnection.call(this.#connectionManager, target, callerOptions)
    }

    const isNested = outerAttemptOf(callerOptions, engine.components) != null
    // the options are read before the open connections are searched: wrong ones are an error even when no dial is made
    const options = isNested ? callerOptions : engine.pipelines.read(callerOptions).options
    // a nested dial accepts any open connection
    const isPicky = !isNested && options.provenance !== undefined
    // the open connection is chosen here, because the manager's choice differs between versions of libp2p
    const preferred = isPicky ? undefined : preferredConnection(engine.components, requested, options)

    if (preferred != null) {
      engine.guard(() => {
        for (const [type, detail] of [['connection:open', target], ['dial-queue:already-connected', preferred], ['connection:opened', preferred]] as const) {
          reportProgress(options, new CustomProgressEvent(type, detail), engine.log)
        }
      })

      return preferred
    }

    // `force`, because the manager otherwise accepts any open connection
    const passed = isPicky ? { ...options, force: true, [FORCE]: options.force } : options
    // the call is guarded, because the manager calls progress listeners before it asks for the dial
    const open = async (): Promise<Connection> => engine.guard(async () => this.#openConnection.call(this.#connectionManager, target, passed))

    try {
      return await open()
    } catch (err: any) {
      // another caller of the same dial may have closed the connection before this one got it. No dial has failed with the error then
      if (err?.name === 'ConnectionClosedError' && dialOf(err) == null && options.signal?.aborted !== true) {
        return open()
      }

      throw err
    }
  }
}

/**
 * Shows the engines' jobs in the job list of libp2p's own queue, which the node's `libp2p_dial_queue` metric reads. Waits until libp2p's
 * own jobs are done, because libp2p removes them from that list itself
 *
 * @returns a function that restores the list
 */
function showIn (queue: StockQueue['queue'], engineJobs: () => JobView[]): () => void {
  const own = queue.queue
  let isShown = false

  function show (): void {
    if (own.length > 0) {
      return
    }

    queue.removeEventListener('next', show)
    isShown = true
    Object.defineProperties(queue, {
      queue: { configurable: true, enumerable: true, get: engineJobs },
      pending: { configurable: true, enumerable: true, get: () => engineJobs().filter(({ status }) => status === 'running').length }
    })
  }

  queue.addEventListener('next', show)
  show()

  return () => {
    queue.removeEventListener('next', show)

    if (isShown) {
      Object.defineProperties(queue, {
        queue: { configurable: true, enumerable: true, writable: true, value: own },
        pending: { configurable: true, enumerable: true, writable: true, value: 0 }
      })
    }
  }
}
