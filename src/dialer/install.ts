import { isDialable } from './is-dialable.ts'
import { showIn } from './show-in.ts'
import { parseTarget } from './target.ts'
import { viewOf } from './view.ts'
import type { Engine } from './engine.ts'
import type { StockQueue, SwappableConnectionManager } from './stock-queue.ts'
import type { JobView } from './view.ts'
import type { DialTarget } from '@libp2p/interface'

/**
 * Puts an engine in the place of a connection manager's dial queue. The only file that touches the connection manager.
 *
 * @returns what undoes it: dials that run are finished, new ones go to the stock dialer
 */
export function install (connectionManager: SwappableConnectionManager, engine: Engine): () => void {
  const stock = connectionManager.dialQueue
  const openConnection = connectionManager.openConnection
  let isDetached = false

  const stockJobs = stock.queue.queue
  const jobs = (): JobView[] => [...stockJobs, ...viewOf(engine.pending)]
  const unshow = showIn(stock.queue, () => viewOf(engine.pending), () => engine.running.size)

  const swapped: StockQueue = {
    dial: async (target, options) => isDetached ? stock.dial(target, options) : engine.dial(target, options),
    isDialable: async (multiaddr, options) => isDetached ? stock.isDialable(multiaddr, options) : isDialable(multiaddr, engine.components, options),
    // both are called more than once by some nodes
    start: () => {
      stock.start()
      engine.start()
    },
    stop: () => {
      stock.stop()
      engine.stop()
    },
    queue: Object.create(stock.queue, { queue: { get: jobs } })
  }

  async function open (target: DialTarget, options: Parameters<typeof openConnection>[1] = {}): ReturnType<typeof openConnection> {
    options.signal?.throwIfAborted()
    parseTarget(target)

    return openConnection.call(connectionManager, target, options)
  }

  connectionManager.dialQueue = swapped
  connectionManager.openConnection = open

  return () => {
    isDetached = true
    unshow()

    if (connectionManager.openConnection === open) {
      connectionManager.openConnection = openConnection
    }

    // until the last of our dials has ended, a stop of the node has to reach it
    void engine.idle().then(() => {
      if (connectionManager.dialQueue === swapped) {
        connectionManager.dialQueue = stock
      }
    })
  }
}
