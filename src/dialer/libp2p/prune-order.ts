import { patch } from '../../pipeline/patch.ts'
import type { StockPruner } from './stock-queue.ts'
import type { Connection } from '@libp2p/interface'

/**
 * Makes libp2p prune some connections first when there are more than `maxConnections`. Its own order goes by peer tags and age, and
 * could close the only connection to another peer. A chosen connection that carries streams stays open
 *
 * @returns a function that restores libp2p's order
 */
export function pruneFirst (pruner: StockPruner, isFirst: (connection: Connection) => boolean): () => void {
  const sort = pruner.sortConnections.bind(pruner)

  return patch(pruner, 'sortConnections', (connections, values) =>
    sort(connections, values).toSorted((a, b) => Number(isFirst(b)) - Number(isFirst(a))))
}
