import type { NodeComponents } from './attribution.ts'
import type { PeerStore } from '@libp2p/interface'

/** A node's components as one module sees them: with a peer store that knows who writes to it */
export function componentsView (components: NodeComponents, peerStore: PeerStore): NodeComponents {
  return new Proxy(components, {
    get: (target, name) => name === 'peerStore' ? peerStore : Reflect.get(target, name)
  })
}
