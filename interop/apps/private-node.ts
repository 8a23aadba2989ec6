import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify, identifyPush } from '@libp2p/identify'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { waitUntil } from './wait.ts'
import type { UseDialer } from './dialers.ts'
import type { KadDHTInit } from '@libp2p/kad-dht'
import type { Libp2p } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'
import type { Libp2pOptions } from 'libp2p'

/** Returns the options of a node in a private network, which has a DHT of its own */
export function privateNode (dht: KadDHTInit = {}): Libp2pOptions<any> {
  return {
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    // by default a listener resets the sixth connection within a second from one host
    connectionManager: { inboundConnectionThreshold: Infinity },
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping(),
      dht: kadDHT({ protocol: '/private/kad/1.0.0', clientMode: false, peerInfoMapper: passthroughMapper, ...dht })
    }
  }
}

/** Starts a node that stops with the test */
export async function startNode (t: ExecutionContext, useDialer: UseDialer, options: Libp2pOptions<any>): Promise<Libp2p<any>> {
  const node = await createLibp2p<any>(useDialer(options))
  t.teardown(async () => { await node.stop() })

  return node
}

/** Resolves when the DHT of each node knows a peer that it can ask */
export async function waitForDhtPeers (...nodes: ReadonlyArray<Libp2p<any>>): Promise<void> {
  await waitUntil(() => nodes.every(({ services }) => services.dht.routingTable.size > 0), 'the DHT of a node knows no peer')
}

/**
 * Makes a node forget a peer. Deletes the peer before it hangs up, because libp2p reconnects to peers that its DHT has tagged
 */
export async function forget (node: Libp2p, { peerId }: Libp2p): Promise<void> {
  await node.peerStore.delete(peerId)
  await node.hangUp(peerId)
}
