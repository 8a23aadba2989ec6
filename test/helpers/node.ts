import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { memory } from '@libp2p/memory'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { createLibp2p } from 'libp2p'
import type { Libp2p, ServiceMap } from '@libp2p/interface'
import type { Libp2pOptions } from 'libp2p'

export interface NodeOptions<T extends ServiceMap> extends Libp2pOptions<T> {
  /** @default TCP and WebSockets on free ports of the loopback interface */
  listen?: string[]
}

/** Creates an unmodified node on the loopback interface, without limits on inbound connections */
export async function createNode<T extends ServiceMap = Record<never, never>> (options: NodeOptions<T> = {}): Promise<Libp2p<T>> {
  const { listen = ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'], addresses, connectionManager, ...rest } = options

  return createLibp2p<T>({
    transports: [tcp(), webSockets()],
    connectionEncrypters: [noise()],
    // the keep-alive outlives a connection that closes during its setup
    streamMuxers: [yamux({ enableKeepAlive: false })],
    // the monitor pings every peer every ten seconds
    connectionMonitor: { enabled: false },
    ...rest,
    addresses: { listen, ...addresses },
    connectionManager: {
      // the default is five connections a second, and races open more
      inboundConnectionThreshold: Infinity,
      maxIncomingPendingConnections: 1_000,
      ...connectionManager
    }
  })
}

let address = 0

/** Creates a node with the memory transport: it needs no sockets, and reaches only this process */
export async function createMemoryNode<T extends ServiceMap = Record<never, never>> (options: NodeOptions<T> = {}): Promise<Libp2p<T>> {
  return createNode({ listen: [`/memory/node-${address++}`], transports: [memory()], ...options })
}
