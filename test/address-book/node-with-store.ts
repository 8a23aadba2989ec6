import { persistentPeerStore } from '@libp2p/peer-store'
import { MemoryDatastore } from 'datastore-core/memory'
import { silentLogger } from '../../src/testing/silent-logger.ts'
import { node } from './kit.ts'
import type { PeerId, PeerStore } from '@libp2p/interface'
import type { Node, NodeInit } from './kit.ts'

export interface NodeWithStore extends Node {
  readonly peerStore: PeerStore
  /** The writes to the peer store, however they were made */
  readonly writes: string[]
  /** The number of `peer:update` events of the node */
  readonly updates: () => number
  /** The addresses in the peer store. A certified one begins with `+` */
  stored (peer: PeerId): Promise<string[]>
}

/** Creates a node with an address book and libp2p's own peer store */
export function nodeWithStore (init: Omit<NodeInit, 'peerStore'> = {}): NodeWithStore {
  const writes: string[] = []
  let updates = 0
  let peerStore: PeerStore | undefined
  const made = node({
    ...init,
    peerStore: (self, events) => {
      peerStore = persistentPeerStore({ peerId: self, events, datastore: new MemoryDatastore(), logger: silentLogger })
      events.addEventListener('peer:update', () => { updates++ })
      record(peerStore, writes)

      return peerStore
    }
  })

  return { ...made, peerStore: peerStore as unknown as PeerStore, writes, updates: () => updates, stored: async peer => storedIn(peerStore as unknown as PeerStore, peer) }
}

export async function storedIn (peerStore: PeerStore, peer: PeerId): Promise<string[]> {
  const { addresses } = await peerStore.get(peer)

  return addresses.map(({ multiaddr, isCertified }) => `${multiaddr}${isCertified ? '+' : ''}`)
}

function record (peerStore: PeerStore, writes: string[]): void {
  for (const name of ['save', 'patch', 'merge'] as const) {
    const write = peerStore[name].bind(peerStore)
    peerStore[name] = async (...args) => {
      writes.push(name)

      return write(...args)
    }
  }
}
