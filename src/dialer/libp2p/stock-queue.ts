import { IncompatibleConnectionManagerError } from '../../pipeline/errors.ts'
import { patch } from '../../pipeline/patch.ts'
import type { DialerComponents } from '../dialer-init.ts'
import type { NodeSettings } from '../dials/dial-node.ts'
import type { DialTarget } from '../dials/target.ts'
import type { Connection, IsDialableOptions, PeerId } from '@libp2p/interface'
import type { ConnectionManager, OpenConnectionOptions } from '@libp2p/interface-internal'
import type { Queue } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The members of a dial queue's job that the connection manager reads */
export interface JobView {
  id: string
  status: 'queued' | 'running' | 'errored' | 'complete'
  options: { peerId?: PeerId, multiaddrs: Iterable<string>, priority?: number }
  abort (reason: Error): void
}

/** The dial queue of libp2p 3, as far as the connection manager and the swap use it */
export interface StockQueue {
  dial (target: DialTarget, options?: OpenConnectionOptions): Promise<Connection>
  isDialable (multiaddr: Multiaddr | Multiaddr[], options?: IsDialableOptions): Promise<boolean>
  start (): void
  stop (): void
  queue: EventTarget & Pick<Queue<any, any>, 'listenerCount' | 'safeDispatchEvent' | 'concurrency'> & { queue: JobView[], pending: number }
}

/** Private fields of libp2p's queue: the `connectionManager` settings, and the controller that shows a stop */
type StockFields = Pick<NodeSettings, 'addressSorter' | 'resolvers' | 'maxPeerAddrsToDial' | 'dialTimeout' | 'maxDialQueueLength'> & {
  addressDialTimeout?: number
  shutDownController: AbortController
}

/** Libp2p's pruner, which closes connections when there are more than `maxConnections` */
export interface StockPruner {
  /** Returns the connections in the order in which they are pruned */
  sortConnections (connections: Connection[], values: unknown): Connection[]
}

export type SwappableConnectionManager = ConnectionManager & { dialQueue: StockQueue, connectionPruner: StockPruner }

/** Default for libp2p before 3.2, which has no such setting. In milliseconds */
const ADDRESS_DIAL_TIMEOUT = 6_000

/** The members that the dialer relies on. Libp2p 3.0 to 3.3 have all of them */
const RELIED_ON: ReadonlyArray<readonly [path: string, isThere: (value: unknown) => boolean]> = [
  ...['openConnection', 'getConnections', 'dialQueue.dial', 'dialQueue.isDialable', 'dialQueue.start', 'dialQueue.stop', 'dialQueue.queue.addEventListener', 'dialQueue.queue.listenerCount', 'dialQueue.queue.safeDispatchEvent', 'connectionPruner.sortConnections']
    .map(path => [`connectionManager.${path}`, isFunction] as const),
  ...['dialQueue.maxPeerAddrsToDial', 'dialQueue.dialTimeout', 'dialQueue.maxDialQueueLength', 'dialQueue.queue.concurrency', 'dialQueue.queue.pending']
    .map(path => [`connectionManager.${path}`, isNumber] as const),
  ['connectionManager.dialQueue.addressDialTimeout', value => value === undefined || isNumber(value)],
  ['connectionManager.dialQueue.addressSorter', value => value === undefined || isFunction(value)],
  ['connectionManager.dialQueue.resolvers', value => typeof value === 'object' && value !== null],
  ['connectionManager.dialQueue.shutDownController.signal', value => value instanceof AbortSignal],
  ['connectionManager.dialQueue.queue.queue', Array.isArray],
  ...['upgrader.upgradeInbound', 'upgrader.upgradeOutbound', 'transportManager.dial', 'transportManager.dialTransportForMultiaddr'].map(path => [path, isFunction] as const)
]

/** The objects whose members the dialer replaces */
const PATCHED = ['connectionManager', 'connectionManager.dialQueue', 'connectionManager.dialQueue.queue', 'connectionManager.connectionPruner', 'upgrader']

const CANNOT = 'The dialer of this node cannot be replaced'

/**
 * Checks that a node's dialer can be replaced
 *
 * @returns the connection manager
 * @throws IncompatibleConnectionManagerError that names all missing members, or says that the platform is too old
 */
export function checkSwappable (components: Pick<DialerComponents, 'connectionManager' | 'upgrader' | 'transportManager'>): SwappableConnectionManager {
  // package managers only warn about an old platform, and the first dial would fail with a TypeError
  if (typeof Promise.withResolvers !== 'function') {
    throw new IncompatibleConnectionManagerError(`${CANNOT}: it needs Promise.withResolvers(), which Node.js has from version 22 on, and browsers from 2024 on`)
  }

  const missing = RELIED_ON.filter(([path, isThere]) => !isThere(memberOf(components, path))).map(([path]) => path)

  if (missing.length > 0) {
    throw new IncompatibleConnectionManagerError(`${CANNOT}: it is not a node of libp2p 3.0 to 3.3. Not as expected: ${missing.join(', ')}`)
  }

  const frozen = PATCHED.filter(path => !Object.isExtensible(memberOf(components, path)))

  if (frozen.length > 0) {
    throw new IncompatibleConnectionManagerError(`${CANNOT}: other code has frozen or sealed ${frozen.join(', ')}, whose methods it replaces`)
  }

  return components.connectionManager as SwappableConnectionManager
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

/** Libp2p's default for the number of waiting dials */
const DEFAULT_MAX_WAITING = 500

/** Default number of dials that may wait here: as many as take 20 MB (bench/pending.ts) */
const MAX_WAITING = 20_000

/** Libp2p's default for the number of running dials, outside browsers */
const DEFAULT_MAX_RUNNING = 100

/** Default number of dials that may run here: as many as leave the event loop free, with the slots of their attempts (bench/network/crowd.ts) */
const MAX_RUNNING = 300

/** Returns the settings of a node. A value that equals libp2p's default counts as not set */
export function settingsOf (stock: StockQueue): NodeSettings {
  const { addressSorter, resolvers, addressDialTimeout = ADDRESS_DIAL_TIMEOUT, maxPeerAddrsToDial, dialTimeout, maxDialQueueLength } = stock as StockQueue & StockFields

  return {
    addressSorter,
    resolvers,
    addressDialTimeout,
    maxPeerAddrsToDial,
    dialTimeout,
    maxParallelDials: stock.queue.concurrency === DEFAULT_MAX_RUNNING ? MAX_RUNNING : stock.queue.concurrency,
    // waiting dials slow down libp2p's own queue, but not this one
    maxDialQueueLength: maxDialQueueLength === DEFAULT_MAX_WAITING ? MAX_WAITING : maxDialQueueLength
  }
}

/** Returns whether the node is stopped. The connection manager itself does not tell */
export function isStopped (stock: StockQueue): boolean {
  return (stock as StockQueue & StockFields).shutDownController.signal.aborted
}

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
