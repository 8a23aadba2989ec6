import { peerIdFromString } from '@libp2p/peer-id'
import { dialer as ownDialer } from '../src/index.ts'
import { createNode } from '../test/helpers/node.ts'
import { peerOf } from './targets.ts'
import type { DialPipeline } from '../src/index.ts'
import type { Connection, DialTarget, PeerStore, ServiceMap } from '@libp2p/interface'
import type { TransportManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

export interface NoOpNodeInit {
  /** Whether to use the real peer store. Default: false, so that reading and writing it costs nothing */
  storesPeers?: boolean
  /**
   * The number of refused attempts of each dial before one connects
   *
   * @default 0
   */
  refused?: number
  /** The `dialer()` of another version of this package */
  dialer?: typeof ownDialer
}

export interface NoOpNode {
  /** Dials as the connection manager does: everything except the transport and its handshake is real */
  dial (target: DialTarget, options?: { onProgress?: (event: any) => void }): Promise<Connection>
  /** The number of transport dials of the last dial */
  readonly attempts: number
  readonly peerStore: PeerStore
  stop (): Promise<void>
}

interface Components {
  transportManager: TransportManager
  peerStore: PeerStore
  connectionManager: { dialQueue: { dial (target: DialTarget, options: object): Promise<Connection> } }
}

/** The properties of a connection that dialers read */
const CONNECTION: Partial<Connection> = {
  status: 'open',
  direct: true,
  close: async () => {},
  newStream: async () => { throw new Error('there is nobody at the other end') }
}

/** Creates a real node whose transports answer immediately, without a socket */
export async function noOpNode (pipeline: DialPipeline | undefined, { storesPeers = false, refused = 0, dialer = ownDialer }: NoOpNodeInit): Promise<NoOpNode> {
  const node = await createNode<ServiceMap>({ listen: [], services: pipeline == null ? {} : { dialer: dialer(pipeline) } })
  const { transportManager, peerStore, connectionManager: { dialQueue } } = (node as object as { components: Components }).components
  let attempts = 0

  transportManager.dial = async remoteAddr => {
    if (attempts++ < refused) {
      throw refusedError(remoteAddr)
    }

    return { ...CONNECTION, remoteAddr, remotePeer: peerOf(remoteAddr) ?? peerIdFromString(remoteAddr.getComponents().at(-1)?.value ?? '') } as Connection
  }

  if (!storesPeers) {
    peerStore.merge = async () => peerStore.get(node.peerId)
    peerStore.get = async id => ({ id, addresses: [], protocols: [], metadata: new Map(), tags: new Map() })
  }

  return {
    dial: async (target, options) => {
      attempts = 0

      return dialQueue.dial(target, { priority: 50, ...options })
    },
    get attempts () { return attempts },
    peerStore,
    stop: async () => { await node.stop() }
  }
}

/** Creates the error of Node.js for a closed port */
function refusedError (multiaddr: Multiaddr): Error {
  const [address, port] = multiaddr.getComponents().map(({ value }) => value)

  return Object.assign(new Error(`connect ECONNREFUSED ${address}:${port}`), { errno: -111, code: 'ECONNREFUSED', syscall: 'connect', address, port: Number(port) })
}
