import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { createNode } from './node.ts'
import { PATIENCE } from './until.ts'
import type { Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

export interface Relayed {
  readonly relay: Libp2p
  /** A node that listens through the relay only */
  readonly listener: Libp2p
  /** `…/p2p/<relay>/p2p-circuit/p2p/<listener>` */
  readonly multiaddr: Multiaddr
  stop (): Promise<void>
}

export interface RelayedOptions {
  /**
   * Whether connections through the relay are limited in time and data
   *
   * @default true
   */
  applyDefaultLimit?: boolean
}

/** Starts a relay, and a node behind it. A dialer needs `circuitRelayTransport()` among its transports */
export async function relayed (options: RelayedOptions = {}): Promise<Relayed> {
  const { applyDefaultLimit = true } = options

  const relay = await createNode({
    listen: ['/ip4/127.0.0.1/tcp/0'],
    transports: [tcp()],
    services: { identify: identify(), relay: circuitRelayServer({ reservations: { applyDefaultLimit } }) }
  })

  const listener = await createNode({
    listen: relay.getMultiaddrs().map(address => `${address}/p2p-circuit`),
    transports: [tcp(), circuitRelayTransport({ reservationCompletionTimeout: PATIENCE })],
    services: { identify: identify() }
  })

  const [multiaddr] = listener.getMultiaddrs()

  if (multiaddr == null) {
    throw new Error('the relay gave no reservation')
  }

  return {
    relay,
    listener,
    multiaddr,
    stop: async () => { await Promise.all([listener.stop(), relay.stop()]) }
  }
}
