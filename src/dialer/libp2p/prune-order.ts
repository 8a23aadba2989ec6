import { patch } from '../../pipeline/patch.ts'
import type { StockPruner } from './stock-queue.ts'
import type { Connection } from '@libp2p/interface'

/**
 * Has libp2p choose some connections before all others where there are more than `maxConnections`. It goes by the tags of peers and by age,
 * and would close the only one of another peer. One that carries streams it chooses, and leaves open
 *
 * @returns what undoes it
 */
export function pruneFirst (pruner: StockPruner, isFirst: (connection: Connection) => boolean): () => void {
  const sort = pruner.sortConnections.bind(pruner)

  return patch(pruner, 'sortConnections', (connections, values) =>
    sort(connections, values).toSorted((a, b) => Number(isFirst(b)) - Number(isFirst(a))))
}
