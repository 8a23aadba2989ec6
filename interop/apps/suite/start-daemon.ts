import { readFile } from 'node:fs/promises'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { privateKeyFromProtobuf } from '@libp2p/crypto/keys'
import { createClient } from '@libp2p/daemon-client'
import { createServer } from '@libp2p/daemon-server'
import { floodsub } from '@libp2p/floodsub'
import { gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { UnsupportedError } from '@libp2p/interop'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { mplex } from '@libp2p/mplex'
import { ping } from '@libp2p/ping'
import { plaintext } from '@libp2p/plaintext'
import { tcp } from '@libp2p/tcp'
import { tls } from '@libp2p/tls'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { useStock } from '../dialers.ts'
import type { UseDialer } from '../dialers.ts'
import type { Daemon, SpawnOptions } from '@libp2p/interop'
import type { Libp2pOptions } from 'libp2p'

const ANY_PORT = '/ip4/127.0.0.1/tcp/0'
const ENCRYPTERS = { noise: noise(), plaintext: plaintext(), tls: tls() }

/**
 * Starts a node that a daemon controls. A node of type `js` uses the tested dialer, and one of type `go` libp2p's own
 *
 * @throws UnsupportedError for a transport other than TCP, so that the suite skips the test
 */
export async function startDaemon (options: SpawnOptions, useDialer: UseDialer): Promise<Daemon> {
  const { transport = 'tcp', type } = options

  if (transport !== 'tcp') {
    throw new UnsupportedError()
  }

  const init = await nodeInit(options)
  const node = await createLibp2p((type === 'js' ? useDialer : useStock)(init))
  // the suite sends no DHT or pubsub requests to a daemon whose node has neither
  const server = createServer(multiaddr(ANY_PORT), node as any)
  await server.start()

  return {
    client: createClient(server.getMultiaddr()),
    stop: async () => {
      await server.stop()
      await node.stop()
    }
  }
}

async function nodeInit (options: SpawnOptions): Promise<Libp2pOptions<any>> {
  const { key, encryption = 'noise', muxer = 'yamux', noListen = false, relay = false, dht = false, pubsub = false, pubsubRouter } = options

  return {
    ...key == null ? {} : { privateKey: privateKeyFromProtobuf(await readFile(key)) },
    addresses: { listen: noListen ? [] : [ANY_PORT] },
    transports: [tcp(), circuitRelayTransport()],
    connectionEncrypters: [ENCRYPTERS[encryption]],
    streamMuxers: [muxer === 'mplex' ? mplex() : yamux()],
    services: {
      identify: identify(),
      ping: ping(),
      ...relay ? { relay: circuitRelayServer() } : {},
      ...dht ? { dht: kadDHT({ protocol: '/ipfs/kad/1.0.0', peerInfoMapper: passthroughMapper, clientMode: false }) } : {},
      ...pubsub ? { pubsub: pubsubRouter === 'floodsub' ? floodsub() : gossipsub() } : {}
    }
  }
}
