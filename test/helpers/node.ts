import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { memory } from '@libp2p/memory'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { createLibp2p } from 'libp2p'
import type { Libp2p, ServiceMap } from '@libp2p/interface'
import type { Libp2pOptions } from 'libp2p'

export interface NodeOptions<T extends ServiceMap> extends Libp2pOptions<T> {
  /** @default TCP and WebSockets on ports of the loopback that the system chooses */
  listen?: string[]
}

/** An unmodified node on the loopback that lets others connect as fast as they can */
export async function createNode<T extends ServiceMap = Record<never, never>> (options: NodeOptions<T> = {}): Promise<Libp2p<T>> {
  const { listen = ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'], addresses, connectionManager, ...rest } = options

  return createLibp2p<T>({
    transports: [tcp(), webSockets()],
    connectionEncrypters: [noise()],
    // its keep-alive outlives a connection that closes before it was set up
    streamMuxers: [yamux({ enableKeepAlive: false })],
    // it pings every peer, every ten seconds
    connectionMonitor: { enabled: false },
    ...rest,
    addresses: { listen, ...addresses },
    connectionManager: {
      // a node that is raced gets more connections in a second than the default of five
      inboundConnectionThreshold: Infinity,
      maxIncomingPendingConnections: 1_000,
      ...connectionManager
    }
  })
}

let address = 0

/** The same over the memory transport: no sockets, this process only */
export async function createMemoryNode<T extends ServiceMap = Record<never, never>> (options: NodeOptions<T> = {}): Promise<Libp2p<T>> {
  return createNode({ listen: [`/memory/node-${address++}`], transports: [memory()], ...options })
}
