import { equal, ok } from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { webSockets } from '@libp2p/websockets'
import { compare } from '../compare.ts'
import { privateNode, startNode, waitForDhtPeers } from '../private-node.ts'
import { patience, waitUntil } from '../wait.ts'
import type { UseDialer } from '../dialers.ts'
import type { Libp2p, PeerId, Stream } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'

const ECHO = '/echo/1.0.0'

compare('a node dials a peer that listens as browsers do', async (t, useDialer, attempt) => {
  const relay = await startRelay(t, useDialer)
  const peer = await startPeer(t, useDialer, relay, ['/p2p-circuit'])
  const start = async (): Promise<Libp2p<any>> => startPeer(t, useDialer, relay)

  await peer.handle(ECHO, echo, { runOnLimitedConnection: true })
  await waitUntil(async () => (await relay.peerStore.get(peer.peerId)).addresses.length > 0, 'the relay does not know where the peer listens')
  const addresses = peer.getMultiaddrs()

  await attempt('by its circuit addresses', async () => talk(await start(), addresses))

  await attempt('by its peer id, from the peer store', async () => {
    const node = await start()

    await node.peerStore.merge(peer.peerId, { multiaddrs: addresses })
    await talk(node, peer.peerId)
  })

  await attempt('by its peer id, from the DHT', async () => talk(await start(), peer.peerId))
})

async function startRelay (t: ExecutionContext, useDialer: UseDialer): Promise<Libp2p> {
  const { services, ...options } = privateNode()

  return startNode(t, useDialer, {
    ...options,
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0/ws'] },
    transports: [webSockets()],
    services: { ...services, relay: circuitRelayServer() }
  })
}

/** Starts a node that knows the relay and can only be dialled through it */
async function startPeer (t: ExecutionContext, useDialer: UseDialer, relay: Libp2p, listen: string[] = []): Promise<Libp2p<any>> {
  const node = await startNode(t, useDialer, {
    ...privateNode({ clientMode: true }),
    addresses: { listen },
    transports: [webSockets(), circuitRelayTransport()]
  })

  await node.dial(relay.getMultiaddrs(), { signal: patience() })
  await waitForDhtPeers(node)

  return node
}

/** Opens streams of two protocols that run on limited connections */
async function talk (node: Libp2p<any>, target: PeerId | Multiaddr[]): Promise<void> {
  const stream = await node.dialProtocol(target, ECHO, { runOnLimitedConnection: true, signal: patience() })
  const answer = text(chunks(stream))
  stream.send(new TextEncoder().encode('hello'))
  await stream.close()

  equal(await answer, 'hello')

  const connection = node.getConnections().find(({ limits }) => limits != null)
  ok(connection)
  await node.services.ping.ping(connection.remotePeer, { signal: patience() })
}

async function echo (stream: Stream): Promise<void> {
  for await (const chunk of chunks(stream)) {
    stream.send(chunk)
  }

  await stream.close()
}

async function * chunks (stream: Stream): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    yield chunk.subarray()
  }
}
