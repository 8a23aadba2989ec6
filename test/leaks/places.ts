import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { memory } from '@libp2p/memory'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { multiaddr } from '@multiformats/multiaddr'
import { createNode } from '../helpers/node.ts'
import type { NodeOptions } from '../helpers/node.ts'
import type { Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The transport or relay by which the remote is reached */
export type Way = 'tcp' | 'ws' | 'memory' | 'relay'

/** A remote to dial, with two addresses of one kind */
export interface Place {
  readonly remote: Libp2p
  readonly addresses: readonly [Multiaddr, Multiaddr]
  /** Addresses without a listener, which refuse immediately */
  readonly nobody: readonly [Multiaddr, Multiaddr]
  /** The relays on the way, one for each address */
  readonly relays: readonly Libp2p[]
  /** The options of a node that dials the remote */
  readonly dialling: NodeOptions<any>
  stop (): Promise<void>
}

let name = 0

export async function place (way: Way): Promise<Place> {
  switch (way) {
    case 'tcp': return direct([tcp()], '/ip4/127.0.0.1/tcp/0', ['/ip4/127.0.0.1/tcp/1', '/ip4/127.0.0.1/tcp/2'])
    case 'ws': return direct([webSockets()], '/ip4/127.0.0.1/tcp/0/ws', ['/ip4/127.0.0.1/tcp/1/ws', '/ip4/127.0.0.1/tcp/2/ws'])
    case 'memory': return direct([memory()], '/memory/leaks', ['/memory/nobody', '/memory/no-one'])
    case 'relay': return relayed()
  }
}

/** Creates a remote without a relay. It listens twice, on different hosts, because TCP connections to one host are spaced */
export async function direct (transports: NodeOptions<any>['transports'], listen: string, nobody: readonly [string, string]): Promise<Place> {
  const remote = await createNode({ transports, listen: [1, 2].map(n => listen.startsWith('/memory') ? `${listen}-${name++}` : listen.replace('127.0.0.1', `127.0.0.${n}`)) })

  return {
    remote,
    relays: [],
    dialling: { transports },
    addresses: remote.getMultiaddrs() as [Multiaddr, Multiaddr],
    nobody: nobody.map(address => multiaddr(`${address}/p2p/${remote.peerId}`)) as [Multiaddr, Multiaddr],
    stop: async () => { await remote.stop() }
  }
}

async function relayed (): Promise<Place> {
  const relays = await Promise.all([0, 1].map(async () => createNode({
    transports: [tcp()],
    listen: ['/ip4/127.0.0.1/tcp/0'],
    services: { identify: identify(), relay: circuitRelayServer({ reservations: { applyDefaultLimit: false } }) }
  })))
  // with a concurrency of one, the second relay of a node is dropped when the first one is reserved
  const dialling = { transports: [tcp(), circuitRelayTransport({ reservationConcurrency: relays.length })], services: { identify: identify() } }
  const stranger = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  const hops = relays.flatMap(relay => relay.getMultiaddrs()).map(address => `${address}/p2p-circuit`)
  const remote = await createNode({ ...dialling, listen: hops })

  return {
    remote,
    relays,
    dialling,
    addresses: remote.getMultiaddrs() as [Multiaddr, Multiaddr],
    nobody: hops.map(hop => multiaddr(`${hop}/p2p/${stranger}`)) as [Multiaddr, Multiaddr],
    stop: async () => { await Promise.all([remote, ...relays].map(async node => node.stop())) }
  }
}
