import { AbortError } from '@libp2p/interface'
import { dialer } from '../../src/index.ts'
import { createNode } from '../../test/helpers/node.ts'
import { peerOf } from '../targets.ts'
import type { DialPipeline } from '../../src/index.ts'
import type { AbortOptions, Connection, DialTarget, PeerStore, ServiceMap } from '@libp2p/interface'
import type { TransportManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

export interface HangingNode {
  /** Dials as the connection manager does */
  dial (target: DialTarget, options?: AbortOptions): Promise<Connection>
  /** The number of attempts in flight */
  readonly silent: number
  /** From now on the transport connects immediately. Attempts in flight connect too */
  answer (): void
  stop (): Promise<void>
}

interface Components {
  transportManager: TransportManager
  peerStore: PeerStore
  connectionManager: { dialQueue: { dial (target: DialTarget, options: object): Promise<Connection> } }
}

/** The longest delay of a timer, in milliseconds */
const NEVER = 2 ** 31 - 1

/** The number of parallel dials. libp2p's default of 100 would not count as a setting, and the dialer would use 300 */
export const RUNNING = 99

/**
 * Creates a real node whose transports do not answer until `answer()` is called. No limit and no timeout ends a dial before
 *
 * @param maxParallelDials the maximum number of parallel dials @default RUNNING
 */
export async function hangingNode (pipeline: DialPipeline | undefined, maxParallelDials?: number): Promise<HangingNode> {
  const node = await createNode<ServiceMap>({
    listen: [],
    services: pipeline == null ? {} : { dialer: dialer(pipeline, maxParallelDials == null ? {} : { slots: { node: Infinity } }) },
    connectionManager: { maxParallelDials: maxParallelDials ?? RUNNING, maxDialQueueLength: Infinity, dialTimeout: NEVER, addressDialTimeout: NEVER }
  })
  const { transportManager, peerStore, connectionManager: { dialQueue } } = (node as object as { components: Components }).components
  const hanging = new Set<() => void>()
  let answers = false

  transportManager.dial = async (remoteAddr, { signal } = {}) => {
    if (!answers) {
      await new Promise<void>((resolve, reject) => {
        hanging.add(resolve)
        signal?.addEventListener('abort', () => {
          hanging.delete(resolve)
          reject(new AbortError())
        }, { once: true })
      })
    }

    return connectionTo(remoteAddr)
  }

  // only dials are measured, not the writes of the peer store
  peerStore.merge = async () => peerStore.get(node.peerId)
  peerStore.get = async id => ({ id, addresses: [], protocols: [], metadata: new Map(), tags: new Map() })

  return {
    // not an async function: its additional promise would be measured
    dial: (target, options) => dialQueue.dial(target, { priority: 50, ...options }),
    get silent () { return hanging.size },
    answer: () => {
      answers = true
      hanging.forEach(resolve => { resolve() })
      hanging.clear()
    },
    stop: async () => { await node.stop() }
  }
}

/** Creates a connection with the properties that dialers read */
function connectionTo (remoteAddr: Multiaddr): Connection {
  const connection: Partial<Connection> = {
    status: 'open',
    remoteAddr,
    remotePeer: peerOf(remoteAddr),
    newStream: async () => { throw new Error('there is nobody at the other end') },
    close: async () => {},
    abort: () => {}
  }

  return connection as Connection
}
