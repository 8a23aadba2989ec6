import { dialer } from '../src/index.ts'
import { createNode } from '../test/helpers/node.ts'
import { peerOf } from './targets.ts'
import type { DialPipeline } from '../src/index.ts'
import type { Connection, DialTarget, PeerStore, ServiceMap } from '@libp2p/interface'
import type { TransportManager } from '@libp2p/interface-internal'

export interface NoOpNode {
  /** What the connection manager calls: all of a dial but the transport and its handshake */
  dial (target: DialTarget, options?: { onProgress?: (event: any) => void }): Promise<Connection>
  stop (): Promise<void>
}

interface Components {
  transportManager: TransportManager
  peerStore: PeerStore
  connectionManager: { dialQueue: { dial (target: DialTarget, options: object): Promise<Connection> } }
}

/** As much of a connection as dialers look at */
const CONNECTION: Partial<Connection> = {
  status: 'open',
  close: async () => {},
  newStream: async () => { throw new Error('there is nobody at the other end') }
}

/** A real node whose transports connect at once, to everything, without a socket */
export async function noOpNode (pipeline: DialPipeline | undefined, { storesPeers }: { storesPeers: boolean }): Promise<NoOpNode> {
  const node = await createNode<ServiceMap>({ listen: [], services: pipeline == null ? {} : { dialer: dialer(pipeline) } })
  const { transportManager, peerStore, connectionManager: { dialQueue } } = (node as object as { components: Components }).components

  transportManager.dial = async remoteAddr => ({ ...CONNECTION, remoteAddr, remotePeer: peerOf(remoteAddr) }) as Connection

  if (!storesPeers) {
    peerStore.merge = async () => peerStore.get(node.peerId)
    peerStore.get = async id => ({ id, addresses: [], protocols: [], metadata: new Map(), tags: new Map() })
  }

  return {
    dial: async (target, options) => dialQueue.dial(target, { priority: 50, ...options }),
    stop: async () => { await node.stop() }
  }
}
