import { CODE_P2P } from '@multiformats/multiaddr'
import { Fresh } from './clock.ts'
import type { DialComponents } from './types.ts'
import type { TransportManager } from '@libp2p/interface-internal'
import type { Component } from '@multiformats/multiaddr'

/** Of a node, without peer ids, as text. It lists the interfaces of the machine each time that it is asked, which takes longer than all else of a dial */
const known = new WeakMap<TransportManager, Fresh<ReadonlySet<string>>>()

/** Whether the node itself listens on an address. Never on one behind a relay: others listen through that too */
export function isOwn (text: string, components: readonly Component[], node: Pick<DialComponents, 'clock' | 'transportManager'>): boolean {
  const { value: addresses } = listeningOf(node)

  return addresses.size > 0 && addresses.has(withoutPeer(text, components)) && !components.some(({ name }) => name === 'p2p-circuit')
}

function listeningOf ({ clock, transportManager }: Pick<DialComponents, 'clock' | 'transportManager'>): Fresh<ReadonlySet<string>> {
  const listening = known.get(transportManager) ?? new Fresh(clock, () => new Set(transportManager.getAddrs().map(one => withoutPeer(one.toString(), one.getComponents()))))
  known.set(transportManager, listening)

  return listening
}

function withoutPeer (text: string, components: readonly Component[]): string {
  return components.at(-1)?.code === CODE_P2P ? text.slice(0, text.lastIndexOf('/p2p/')) : text
}
