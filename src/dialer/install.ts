import { CustomProgressEvent } from 'progress-events'
import { wasClosedAfterDial } from './closed-in-dial.ts'
import { isDialable } from './is-dialable.ts'
import { outerAttemptOf } from './nested.ts'
import { showIn } from './show-in.ts'
import { isStopped } from './stock-queue.ts'
import { parseTarget } from './target.ts'
import { viewOf } from './view.ts'
import type { Engine } from './engine.ts'
import type { StockQueue, SwappableConnectionManager } from './stock-queue.ts'
import type { DialTarget } from './target.ts'
import type { JobView } from './view.ts'
import type { Connection } from '@libp2p/interface'

/** By the queue that stands in the place of the stock one */
const installed = new WeakMap<StockQueue, Installed>()

/**
 * Puts an engine in the place of a connection manager's dial queue. The only file that touches the connection manager.
 *
 * @returns what undoes it: dials that run are finished, new ones go to the stock dialer
 */
export function install (connectionManager: SwappableConnectionManager, engine: Engine): () => void {
  const there = installed.get(connectionManager.dialQueue) ?? new Installed(connectionManager)

  return there.attach(engine)
}

/** The engines of one node: the newest one that is attached dials, and those that were detached finish their dials */
class Installed {
  readonly #connectionManager: SwappableConnectionManager
  readonly #stock: StockQueue
  readonly #swapped: StockQueue
  readonly #openConnection: SwappableConnectionManager['openConnection']
  readonly #attached: Engine[] = []
  /** Also those that were detached and are not idle: a stop of the node has to reach them */
  readonly #busy = new Set<Engine>()
  #unshow?: () => void

  constructor (connectionManager: SwappableConnectionManager) {
    const stock = connectionManager.dialQueue
    const stockJobs = stock.queue.queue

    this.#connectionManager = connectionManager
    this.#stock = stock
    this.#openConnection = connectionManager.openConnection

    // the settings, which are fields of the stock queue, can be read of it as well
    this.#swapped = Object.assign(Object.create(stock) as StockQueue, {
      dial: (target, options) => (this.#attached.at(-1) ?? stock).dial(target, options),
      isDialable: async (multiaddr, options) => {
        const engine = this.#attached.at(-1)

        return engine == null ? stock.isDialable(multiaddr, options) : isDialable(multiaddr, engine.components, options)
      },
      // both are called more than once by some nodes
      start: () => {
        stock.start()
        this.#busy.forEach(engine => { engine.start() })
      },
      stop: () => {
        stock.stop()
        this.#busy.forEach(engine => { engine.stop() })
      },
      queue: Object.create(stock.queue, { queue: { get: () => [...stockJobs, ...this.#jobs] } })
    } satisfies StockQueue)

    installed.set(this.#swapped, this)
    connectionManager.dialQueue = this.#swapped
  }

  attach (engine: Engine): () => void {
    this.#attached.push(engine)
    this.#busy.add(engine)
    this.#unshow ??= showIn(this.#stock.queue, () => this.#jobs)
    this.#connectionManager.openConnection = this.#open

    if (isStopped(this.#stock)) {
      engine.stop()
    }

    return () => { this.#detach(engine) }
  }

  #detach (engine: Engine): void {
    if (!this.#attached.includes(engine)) {
      return
    }

    this.#attached.splice(this.#attached.indexOf(engine), 1)

    if (this.#attached.length === 0) {
      this.#unshow?.()
      this.#unshow = undefined

      if (this.#connectionManager.openConnection === this.#open) {
        this.#connectionManager.openConnection = this.#openConnection
      }
    }

    void engine.idle().then(() => {
      this.#busy.delete(engine)

      if (this.#busy.size === 0 && this.#connectionManager.dialQueue === this.#swapped) {
        this.#connectionManager.dialQueue = this.#stock
      }
    })
  }

  get #jobs (): JobView[] {
    return [...this.#busy].flatMap(engine => viewOf(engine.pending))
  }

  readonly #open = async (target: DialTarget, options: Parameters<SwappableConnectionManager['openConnection']>[1] = {}): ReturnType<SwappableConnectionManager['openConnection']> => {
    options.signal?.throwIfAborted()
    const requested = parseTarget(target)
    const engine = this.#attached.at(-1)

    // also where an open connection is the answer, and no dial is made
    if (outerAttemptOf(options) == null) {
      engine?.check(options)
    }

    // the manager takes another one, and which depends on its version
    const preferred = engine?.preferred(requested, options)

    if (preferred != null) {
      // libp2p before 3.2 has no name for some of them
      const onProgress = options.onProgress as ((event: CustomProgressEvent) => void) | undefined
      onProgress?.(new CustomProgressEvent('connection:open', target))
      onProgress?.(new CustomProgressEvent('dial-queue:already-connected', preferred))
      onProgress?.(new CustomProgressEvent('connection:opened', preferred))

      return preferred
    }

    const open = async (): Promise<Connection> => this.#openConnection.call(this.#connectionManager, target, options)

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
