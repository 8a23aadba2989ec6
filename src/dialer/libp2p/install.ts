import { CustomProgressEvent } from 'progress-events'
import { IncompatibleConnectionManagerError } from '../../pipeline/errors.ts'
import { checkListeners, reportProgress } from '../dials/caller.ts'
import { wasClosedAfterDial } from '../dials/dial-error.ts'
import { DialJobs } from './dial-jobs.ts'
import { isDialable } from '../dials/is-dialable.ts'
import { patch } from '../../pipeline/patch.ts'
import { viewOf } from './view.ts'
import { isStopped } from './stock-queue.ts'
import { parseTarget } from '../dials/target.ts'
import type { Engine } from '../engine.ts'
import type { StockQueue, SwappableConnectionManager } from './stock-queue.ts'
import type { DialTarget } from '../dials/target.ts'
import type { JobView } from './view.ts'
import type { DialPipelineOptions } from '../../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** By libp2p's own dial queue */
const installed = new WeakMap<StockQueue, Installed>()

/** Marks a dial queue while a dialer of this package is attached, for every copy of the package */
const ATTACHED = Symbol.for('libp2p-dial-pipeline.attached')

/** The key, in the options that the manager hands on to the dial, of whether the caller forces it */
const FORCE = Symbol('libp2p-dial-pipeline.force')

/** The options of the caller, in which the manager was told that the dial is forced */
function asGiven<T extends DialPipelineOptions & { [FORCE]?: boolean }> (options: T | undefined): T | undefined {
  return options != null && FORCE in options ? { ...options, force: options[FORCE] } : options
}

/**
 * Puts an engine in the place of a connection manager's dialer. The only file that touches the connection manager.
 *
 * @returns what undoes it: dials that run are finished, new ones go to libp2p's own dialer
 * @throws IncompatibleConnectionManagerError where a dialer is attached
 */
export function install (connectionManager: SwappableConnectionManager, engine: Engine): () => void {
  const stock: StockQueue & { [ATTACHED]?: string } = connectionManager.dialQueue
  const attached = stock[ATTACHED]

  // which of two dials would be a matter of chance
  if (attached != null) {
    throw new IncompatibleConnectionManagerError(`This node has a dialer already: ${attached}. Detach that first, or change its pipeline with use()`)
  }

  const there = installed.get(stock) ?? new Installed(connectionManager)
  installed.set(stock, there)

  return there.attach(engine)
}

/** The engines of one node: one is attached and dials, those that were detached finish their dials */
class Installed {
  readonly #connectionManager: SwappableConnectionManager
  readonly #stock: StockQueue
  readonly #stockQueue: StockQueue['queue']
  readonly #stockJobs: JobView[]
  readonly #jobs: DialJobs
  readonly #openConnection: SwappableConnectionManager['openConnection']
  #attached?: Engine
  /** Also those that were detached and are not idle: a stop of the node has to reach them */
  readonly #busy = new Set<Engine>()
  /** While an engine is attached */
  #unpatchAttached: Array<() => void> = []
  /** Until every engine is idle */
  #unpatch: Array<() => void> = []

  constructor (connectionManager: SwappableConnectionManager) {
    const stock = connectionManager.dialQueue

    this.#connectionManager = connectionManager
    this.#stock = stock
    this.#stockQueue = stock.queue
    this.#stockJobs = stock.queue.queue
    this.#openConnection = connectionManager.openConnection
    this.#jobs = new DialJobs({ stock: this.#stockJobs, kept: stock.queue, ours: () => this.#ours, engines: () => this.#busy })
  }

  attach (engine: Engine): () => void {
    this.#attached = engine
    this.#busy.add(engine)
    engine.dials.watcher = this.#jobs.watch(engine)

    if (this.#unpatch.length === 0) {
      this.#unpatch = this.#patch()
    }

    this.#unpatchAttached = [
      showIn(this.#stockQueue, () => this.#ours),
      patch(this.#connectionManager, 'openConnection', this.#open),
      patch(this.#stock as StockQueue & { [ATTACHED]?: string }, ATTACHED, 'one of libp2p-dial-pipeline')
    ]

    if (isStopped(this.#stock)) {
      engine.stop()
    }

    return () => { this.#detach(engine) }
  }

  /** In place: whoever has kept the dial queue, or the queue of that, from before is answered as everybody else */
  #patch (): Array<() => void> {
    const stock = this.#stock
    const { dial, isDialable: isDialableByStock, start, stop } = stock
    const theirs = Object.create(stock, { queue: { value: this.#stockQueue } }) as StockQueue

    return [
      patch(stock, 'dial', (target, given) => {
        const options = asGiven(given)

        return this.#engineFor(options)?.dial(target, options) ?? dial.call(theirs, target, options)
      }),
      patch(stock, 'isDialable', async (multiaddr, options) => {
        if (this.#attached == null) {
          return isDialableByStock.call(theirs, multiaddr, options)
        }

        const { barrier, components, settings } = this.#attached

        // as a dial would start that was asked for now
        return await barrier.opensWithin(settings.dialTimeout, components.clock, options?.signal) && isDialable(multiaddr, components, options)
      }),
      // both are called more than once by some nodes
      patch(stock, 'start', () => {
        start.call(stock)
        this.#busy.forEach(engine => { engine.start() })
      }),
      // first ours: its queue would end them one by one, and each would make room for the next
      patch(stock, 'stop', () => {
        this.#busy.forEach(engine => { engine.stop() })
        stop.call(theirs)
      }),
      patch(stock, 'queue', this.#jobs as unknown as StockQueue['queue'])
    ]
  }

  /** The dial of a relay is of the policy, and so of the engine, that it is made for: also after that was detached */
  #engineFor (options?: DialPipelineOptions): Engine | undefined {
    return [...this.#busy].find(engine => options != null && engine.admission.outerAttempt(options) != null) ?? this.#attached
  }

  #detach (engine: Engine): void {
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

  get #ours (): JobView[] {
    return [...this.#busy].flatMap(viewOf)
  }

  readonly #open = async (target: DialTarget, given: Parameters<SwappableConnectionManager['openConnection']>[1] = {}): ReturnType<SwappableConnectionManager['openConnection']> => {
    checkListeners(given)
    given.signal?.throwIfAborted()
    const requested = parseTarget(target)
    const engine = this.#engineFor(given)
    const guarded = <T> (fn: () => T): T => engine == null ? fn() : engine.stack.run(fn)

    // also where an open connection is the answer, and no dial is made
    const options = engine == null || engine.admission.outerAttempt(given) != null ? given : engine.pipelines.read(given).options

    // a dial that a transport makes for another uses any
    const isPicky = engine != null && engine.admission.outerAttempt(given) == null && options.provenance !== undefined
    // the manager takes another one, and which depends on its version
    const preferred = isPicky ? undefined : engine?.connections.preferred(requested, options)

    if (engine != null && preferred != null) {
      guarded(() => {
        for (const [type, detail] of [['connection:open', target], ['dial-queue:already-connected', preferred], ['connection:opened', preferred]] as const) {
          reportProgress(options, new CustomProgressEvent(type, detail), engine.log)
        }
      })

      return preferred
    }

    // the manager takes any open connection, unless the dial is forced
    const passed = isPicky ? { ...options, force: true, [FORCE]: options.force } : options
    // the manager tells progress listeners before it asks for the dial
    const open = async (): Promise<Connection> => guarded(async () => this.#openConnection.call(this.#connectionManager, target, passed))

    try {
      return await open()
    } catch (err: any) {
      // several were given the connection, and one of them closed it before this one could look
      if (wasClosedAfterDial(err) && options.signal?.aborted !== true) {
        return open()
      }

      throw err
    }
  }
}

/**
 * Has the stock queue's own job list show ours: the node's `libp2p_dial_queue` metric reads it. Not before the jobs that
 * the stock dialer was busy with are done, as it takes them out of that list itself.
 *
 * @returns what undoes it
 */
function showIn (queue: StockQueue['queue'], ours: () => JobView[]): () => void {
  const own = queue.queue
  let isShown = false

  function show (): void {
    if (own.length > 0) {
      return
    }

    queue.removeEventListener('next', show)
    isShown = true
    Object.defineProperties(queue, {
      queue: { configurable: true, enumerable: true, get: ours },
      pending: { configurable: true, enumerable: true, get: () => ours().filter(({ status }) => status === 'running').length }
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
