import { IncompatibleConnectionManagerError } from '../pipeline/errors.ts'
import type { JobView } from './view.ts'
import type { NodeSettings } from './settings.ts'
import type { DialTarget } from './target.ts'
import type { Connection, IsDialableOptions } from '@libp2p/interface'
import type { ConnectionManager, OpenConnectionOptions } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What the connection manager of libp2p 3 uses of its dial queue, and what its own holds beside that */
export interface StockQueue {
  dial (target: DialTarget, options?: OpenConnectionOptions): Promise<Connection>
  isDialable (multiaddr: Multiaddr | Multiaddr[], options?: IsDialableOptions): Promise<boolean>
  start (): void
  stop (): void
  queue: EventTarget & { queue: JobView[], concurrency?: number, pending?: number }
}

/** The `connectionManager` settings, which the stock queue keeps in private fields */
type StockFields = Partial<Pick<NodeSettings, 'addressSorter' | 'resolvers' | 'addressDialTimeout' | 'maxPeerAddrsToDial' | 'dialTimeout' | 'maxDialQueueLength'>>

export type SwappableConnectionManager = ConnectionManager & { dialQueue: StockQueue }

/** The defaults of libp2p 3.3, for a manager whose queue keeps them elsewhere */
const DEFAULTS: NodeSettings = {
  resolvers: {},
  addressDialTimeout: 6_000,
  maxPeerAddrsToDial: 25,
  dialTimeout: 10_000,
  maxParallelDials: 100,
  maxDialQueueLength: 500
}

/** @throws IncompatibleConnectionManagerError where the dialer cannot be replaced */
export function checkSwappable (connectionManager: ConnectionManager): asserts connectionManager is SwappableConnectionManager {
  const { dialQueue } = connectionManager as Partial<SwappableConnectionManager>
  const missing = (['dial', 'isDialable', 'start', 'stop'] as const).filter(name => typeof dialQueue?.[name] !== 'function')

  if (dialQueue == null || missing.length > 0 || !Array.isArray(dialQueue.queue?.queue)) {
    throw new IncompatibleConnectionManagerError(`The connection manager of this node has no dial queue that can be replaced (${dialQueue == null ? 'no "dialQueue"' : `without ${[...missing, 'queue.queue'].join(', ')}`}). This package works with libp2p 3.0 to 3.3`)
  }
}

/** As many as take 20 MB while they wait (bench/pending.ts) */
const MAX_WAITING = 20_000

/** libp2p's default stands for nothing said: each dial that waits makes its queue slower, and none this one */
function lengthOf (length: number): number {
  return length === DEFAULTS.maxDialQueueLength ? MAX_WAITING : length
}

export function settingsOf (stock: StockQueue): NodeSettings {
  const fields = stock as StockQueue & StockFields

  return {
    addressSorter: fields.addressSorter,
    resolvers: fields.resolvers ?? DEFAULTS.resolvers,
    addressDialTimeout: fields.addressDialTimeout ?? DEFAULTS.addressDialTimeout,
    maxPeerAddrsToDial: fields.maxPeerAddrsToDial ?? DEFAULTS.maxPeerAddrsToDial,
    dialTimeout: fields.dialTimeout ?? DEFAULTS.dialTimeout,
    maxParallelDials: stock.queue.concurrency ?? DEFAULTS.maxParallelDials,
    maxDialQueueLength: lengthOf(fields.maxDialQueueLength ?? DEFAULTS.maxDialQueueLength)
  }
}

/** After a stop of the node, and before its next start: the manager itself does not tell */
export function isStopped (stock: StockQueue): boolean {
  const { shutDownController } = stock as StockQueue & { shutDownController?: AbortController }

  return shutDownController?.signal.aborted === true
}
