import { dialsAs } from './dials-as.ts'
import type { NodeComponents } from './attribution.ts'
import type { Writer } from './writer.ts'
import type { PeerStore } from '@libp2p/interface'

/** A node's components as one module sees them: with a peer store that knows who writes to it, and a connection manager that knows who dials */
export function componentsView (components: NodeComponents, peerStore: PeerStore, writer: Writer): NodeComponents {
  return new Proxy(components, {
    get: (target, name) => {
      switch (name) {
        case 'peerStore': return peerStore
        // known when the module is made: what it reads before, it keeps
        case 'connectionManager': return writer.dialSource == null ? Reflect.get(target, name) : dialsAs(Reflect.get(target, name), writer.dialSource)
        default: return Reflect.get(target, name)
      }
    }
  })
}
