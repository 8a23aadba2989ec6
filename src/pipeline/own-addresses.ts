import { CODE_P2P } from '@multiformats/multiaddr'
import type { DialComponents } from './types.ts'
import type { TransportManager } from '@libp2p/interface-internal'
import type { Component } from '@multiformats/multiaddr'

/** Milliseconds. A node lists the interfaces of the machine each time that it is asked, which takes longer than all else of a dial */
const FRESH = 1_000

interface Listening {
  readonly since: number
  /** Without peer ids, as text */
  readonly addresses: ReadonlySet<string>
}

const known = new WeakMap<TransportManager, Listening>()

/** Whether the node itself listens on an address. Never on one behind a relay: others listen through that too */
export function isOwn (text: string, components: readonly Component[], node: Pick<DialComponents, 'clock' | 'transportManager'>): boolean {
  const { addresses } = listeningOf(node)

  return addresses.size > 0 && addresses.has(withoutPeer(text, components)) && !components.some(({ name }) => name === 'p2p-circuit')
}

function listeningOf ({ clock, transportManager }: Pick<DialComponents, 'clock' | 'transportManager'>): Listening {
  const now = clock.now()
  const before = known.get(transportManager)

  if (before != null && now >= before.since && now < before.since + FRESH) {
    return before
  }

  const addresses = new Set(transportManager.getAddrs().map(one => withoutPeer(one.toString(), one.getComponents())))
  const listening = { since: now, addresses }
  known.set(transportManager, listening)

  return listening
}

function withoutPeer (text: string, components: readonly Component[]): string {
  return components.at(-1)?.code === CODE_P2P ? text.slice(0, text.lastIndexOf('/p2p/')) : text
}
