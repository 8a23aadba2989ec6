import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { Circuit } from '@multiformats/multiaddr-matcher'
import { PATIENCE } from '../helpers/until.ts'
import { listening } from './kit.ts'
import type { Libp2p } from '@libp2p/interface'
import type { TransportManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'

/** A protocol whose handler closes each stream */
export const PROTOCOL = '/test/behind-relay/1'

/** Returns the options of a node that dials peers behind relays */
export const overRelay = () => ({ transports: [tcp(), circuitRelayTransport({ reservationCompletionTimeout: PATIENCE })], services: { identify: identify() } })

export interface PeerBehindRelay {
  readonly node: Libp2p
  readonly indirect: Multiaddr
  readonly direct: Multiaddr
}

/** Starts a relay with limits, and peers that listen through it and directly without announcing either */
export async function behindRelay (t: ExecutionContext, count: number): Promise<{ relay: Libp2p, peers: PeerBehindRelay[] }> {
  const relay = await listening(t, {
    listen: ['/ip4/127.0.0.1/tcp/0'],
    services: { identify: identify(), relay: circuitRelayServer({ reservations: { maxReservations: count } }) }
  })
  const peers = await Promise.all(Array.from({ length: count }, async () => {
    const node = await listening(t, {
      ...overRelay(),
      listen: ['/ip4/127.0.0.1/tcp/0', ...relay.getMultiaddrs().map(address => `${address}/p2p-circuit`)],
      addresses: { announceFilter: all => all.filter(address => Circuit.exactMatch(address)) }
    })
    await node.handle(PROTOCOL, stream => { stream.abort(new Error('That is all')) }, { runOnLimitedConnection: true })
    const [indirect] = node.getMultiaddrs()
    const direct = transportsOf(node).getAddrs().find(address => !Circuit.exactMatch(address))

    return { node, indirect, direct: direct?.encapsulate(`/p2p/${node.peerId}`) } as PeerBehindRelay
  }))

  return { relay, peers }
}

export async function oneBehindRelay (t: ExecutionContext): Promise<PeerBehindRelay> {
  const { peers: [peer] } = await behindRelay(t, 1)

  return peer as PeerBehindRelay
}

/** Delays dials of an address until the gate opens */
export function hold (node: Libp2p, address: Multiaddr, gate: Promise<void>): void {
  const transportManager = transportsOf(node)
  const dial = transportManager.dial.bind(transportManager)

  transportManager.dial = async (multiaddr, options) => {
    if (multiaddr.equals(address)) {
      await gate
    }

    return dial(multiaddr, options)
  }
}

function transportsOf (node: Libp2p): TransportManager {
  return (node as unknown as { components: { transportManager: TransportManager } }).components.transportManager
}
