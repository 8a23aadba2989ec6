import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { createNode } from '../helpers/node.ts'
import { relayed } from '../helpers/relay.ts'
import { addressesOf } from '../libp2p/kit.ts'
import type { Subject, SubjectOptions } from './contract.ts'
import type { Relayed } from '../helpers/relay.ts'
import type { Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'

/** The options of a node that dials through relays */
export const THROUGH = { transports: [tcp(), circuitRelayTransport()], services: { identify: identify() } } satisfies SubjectOptions

/** Creates a node that dials through relays */
export async function through (node: Subject['node'], options: SubjectOptions = {}): Promise<Libp2p> {
  return node({ ...THROUGH, ...options, services: { ...THROUGH.services, ...options.services } })
}

/** Starts a relay for one test, and a listener behind it */
export async function relay (t: ExecutionContext, applyDefaultLimit?: boolean): Promise<Relayed> {
  const nodes = await relayed({ applyDefaultLimit })
  t.teardown(nodes.stop)

  return nodes
}

export interface Listener {
  readonly listener: Libp2p
  /** The address through the relay */
  readonly relayed: Multiaddr
  readonly direct: Multiaddr
}

/** Starts another node that listens behind a relay, and directly */
export async function behind (t: ExecutionContext, relay: Libp2p): Promise<Listener> {
  const listener = await createNode({
    ...THROUGH,
    listen: ['/ip4/127.0.0.1/tcp/0', ...addressesOf(relay).map(address => `${address}/p2p-circuit`)]
  })
  t.teardown(async () => { await listener.stop() })

  const [relayed, direct] = [true, false].map(isRelayed => listener.getMultiaddrs().find(address => `${address}`.includes('/p2p-circuit') === isRelayed))

  if (relayed == null || direct == null) {
    throw new Error('the relay gave no reservation')
  }

  return { listener, relayed, direct }
}
