import { IncompatibleConnectionManagerError } from '../../pipeline/errors.ts'
import type { EventedQueue } from './dial-jobs.ts'
import type { JobView } from './view.ts'
import type { NodeSettings } from '../node-settings.ts'
import type { DialTarget } from '../dials/target.ts'
import type { Connection, IsDialableOptions } from '@libp2p/interface'
import type { ConnectionManager, OpenConnectionOptions } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What the connection manager of libp2p 3 uses of its dial queue, and what its own holds beside that */
export interface StockQueue {
  dial (target: DialTarget, options?: OpenConnectionOptions): Promise<Connection>
  isDialable (multiaddr: Multiaddr | Multiaddr[], options?: IsDialableOptions): Promise<boolean>
  start (): void
  stop (): void
  queue: EventTarget & EventedQueue & { queue: JobView[], concurrency: number, pending: number }
}

/** The `connectionManager` settings, and what tells a stop, which the stock queue keeps in private fields */
type StockFields = Pick<NodeSettings, 'addressSorter' | 'resolvers' | 'maxPeerAddrsToDial' | 'dialTimeout' | 'maxDialQueueLength'> & {
  addressDialTimeout?: number
  shutDownController: AbortController
}

/** What closes connections where there are more than `maxConnections` */
export interface StockPruner {
  /** Those that are to be closed first come first */
  sortConnections (connections: Connection[], values: unknown): Connection[]
}

export type SwappableConnectionManager = ConnectionManager & { dialQueue: StockQueue, connectionPruner: StockPruner }

/** Libp2p before 3.2 has none */
const ADDRESS_DIAL_TIMEOUT = 6_000

/** What the swap relies on. All of libp2p 3.0 to 3.3 have it */
const RELIED_ON: ReadonlyArray<readonly [path: string, isThere: (value: unknown) => boolean]> = [
  ...['openConnection', 'getConnections', 'dialQueue.dial', 'dialQueue.isDialable', 'dialQueue.start', 'dialQueue.stop', 'dialQueue.queue.addEventListener', 'dialQueue.queue.listenerCount', 'dialQueue.queue.safeDispatchEvent', 'connectionPruner.sortConnections']
    .map(path => [path, isFunction] as const),
  ...['dialQueue.maxPeerAddrsToDial', 'dialQueue.dialTimeout', 'dialQueue.maxDialQueueLength', 'dialQueue.queue.concurrency', 'dialQueue.queue.pending']
    .map(path => [path, isNumber] as const),
  ['dialQueue.addressDialTimeout', value => value === undefined || isNumber(value)],
  ['dialQueue.addressSorter', value => value === undefined || isFunction(value)],
  ['dialQueue.resolvers', value => typeof value === 'object' && value !== null],
  ['dialQueue.shutDownController.signal', value => value instanceof AbortSignal],
  ['dialQueue.queue.queue', Array.isArray]
]

/**
 * Sees that a node's dialer can be replaced
 *
 * @throws IncompatibleConnectionManagerError that names all that is missing, or says that the platform is too old
 */
export function checkSwappable (connectionManager: ConnectionManager): asserts connectionManager is SwappableConnectionManager {
  // package managers only warn of it, and the first dial would fail with a TypeError
  if (typeof Promise.withResolvers !== 'function') {
    throw new IncompatibleConnectionManagerError('The dialer of this node cannot be replaced: it needs Promise.withResolvers(), which Node.js has from version 22 on, and browsers from 2024 on')
  }

  const missing = RELIED_ON.filter(([path, isThere]) => !isThere(memberOf(connectionManager, path))).map(([path]) => path)

  if (missing.length > 0) {
    throw new IncompatibleConnectionManagerError(`The dialer of this node cannot be replaced: its connection manager is not that of libp2p 3.0 to 3.3. Not as expected: ${missing.join(', ')}`)
  }
}

function memberOf (target: unknown, path: string): unknown {
  return path.split('.').reduce<any>((value, name) => value?.[name], target)
}

function isFunction (value: unknown): boolean {
  return typeof value === 'function'
}

function isNumber (value: unknown): boolean {
  return typeof value === 'number' && !Number.isNaN(value)
}

/** Libp2p's default for how many dials may wait */
const DEFAULT_MAX_WAITING = 500

/** As many as take 20 MB while they wait (bench/pending.ts) */
const MAX_WAITING = 20_000

/** Libp2p's default for how many dials run at once, outside browsers */
const DEFAULT_MAX_RUNNING = 100

/** As many as keep the event loop of a node free, with the slots that their attempts have (bench/network/crowd.ts) */
const MAX_RUNNING = 300

/** The settings of a node, once they were checked. A default of libp2p stands for nothing said */
export function settingsOf (stock: StockQueue): NodeSettings {
  const { addressSorter, resolvers, addressDialTimeout = ADDRESS_DIAL_TIMEOUT, maxPeerAddrsToDial, dialTimeout, maxDialQueueLength } = stock as StockQueue & StockFields

  return {
    addressSorter,
    resolvers,
    addressDialTimeout,
    maxPeerAddrsToDial,
    dialTimeout,
    maxParallelDials: stock.queue.concurrency === DEFAULT_MAX_RUNNING ? MAX_RUNNING : stock.queue.concurrency,
    // each dial that waits makes libp2p's queue slower, and none this one
    maxDialQueueLength: maxDialQueueLength === DEFAULT_MAX_WAITING ? MAX_WAITING : maxDialQueueLength
  }
}

/** After a stop of the node, and before its next start: the manager itself does not tell */
export function isStopped (stock: StockQueue): boolean {
  return (stock as StockQueue & StockFields).shutDownController.signal.aborted
}
