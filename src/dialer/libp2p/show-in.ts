import type { StockQueue } from './stock-queue.ts'
import type { JobView } from './view.ts'

/**
 * Has the stock queue's own job list show ours: the node's `libp2p_dial_queue` metric reads it. Not before the jobs that
 * the stock dialer was busy with are done, as it takes them out of that list itself.
 *
 * @returns what undoes it
 */
export function showIn (queue: StockQueue['queue'], ours: () => JobView[]): () => void {
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
