import { contentRoutingSymbol, peerDiscoverySymbol, peerRoutingSymbol } from '@libp2p/interface'
import { SOURCE } from '../../pipeline/sources.ts'
import { markDials, withMarkedDials, wrapDiscovery, wrapRouter } from './wrap-module.ts'
import { wrapNetwork } from './kad-dht.ts'
import { roleOf, sourceOf } from './writer.ts'
import type { Source } from '../../pipeline/sources.ts'
import type { Attribution, NodeComponents } from './attribution.ts'
import type { SourceTag } from './source-tags.ts'
import type { Writer } from './writer.ts'
import type { PeerStore } from '@libp2p/interface'

/** The places of modules in the init of a node */
export type ModuleKind = 'peerDiscovery' | 'peerRouters' | 'contentRouters' | 'transports' | 'services'

type Factory = (components: any) => any

/** Returns a factory of the same module with attributed addresses */
export function attributedModule (factory: Factory, place: ModuleKind, name: string, attributionOf: (components: NodeComponents) => Attribution): Factory {
  return (components: NodeComponents) => {
    const attribution = attributionOf(components)
    const source = sourceOf(factory)
    const writer: Writer = { name }
    const module = factory(viewOf(components, attribution.view(writer), source))

    if (module != null) {
      const tag = module[Symbol.toStringTag]

      // with a source of its own, a module gets no `dialSource`: its view of the connection manager names the source already
      const { dialSource, ...role } = source == null ? roleOf(module) : { source }

      if (dialSource != null) {
        attribution.try(`${name}, its dials`, () => { markDials(module, dialSource) })
      }

      Object.assign(writer, defaultWriterOf(place), role)
      writer.name = tag == null ? name : `${name} (${tag})`
      wrapParts(module, place, writer, attribution)
    }

    return module
  }
}

/** Returns a node's components as one module sees them. Its peer store knows the writer, its connection manager the source of dials */
function viewOf (components: NodeComponents, peerStore: PeerStore, dialSource?: Source): NodeComponents {
  return new Proxy(components, {
    get: (target, name) => {
      switch (name) {
        case 'peerStore': return peerStore
        // the source must be known now, because the module may keep what it reads
        case 'connectionManager': return dialSource == null ? Reflect.get(target, name) : withMarkedDials(Reflect.get(target, name), dialSource)
        default: return Reflect.get(target, name)
      }
    }
  })
}

/** Returns the default attribution of a place, for a module that is not in the table of roles */
function defaultWriterOf (place: ModuleKind): Partial<Writer> {
  return place === 'peerRouters' || place === 'contentRouters' ? { source: 'routing' } : {}
}

function wrapParts (module: any, place: ModuleKind, writer: Writer, attribution: Attribution): void {
  const { sourceTags } = attribution
  const found = (usual?: Source) => (): SourceTag => ({ source: writer.source ?? usual ?? SOURCE.unknown, by: writer.name })

  const wrapPart = (symbol: symbol, wrap: (part: any) => void): void => {
    attribution.try(`${writer.name}, ${symbol.description}`, () => {
      const part = module[symbol]

      if (part != null) {
        wrap(part)
        // makes the wrapped part permanent: a getter may create a new one at each read
        Object.defineProperty(module, symbol, { value: part, configurable: true })
      }
    })
  }

  if (place === 'peerRouters' || place === 'contentRouters') {
    attribution.try(writer.name, () => { wrapRouter(module, found('routing'), sourceTags) })
  } else if (place === 'peerDiscovery') {
    attribution.try(writer.name, () => { wrapDiscovery(module, found(), sourceTags) })
  } else if (place === 'services') {
    wrapPart(peerDiscoverySymbol, part => { wrapDiscovery(part, found(), sourceTags) })
    wrapPart(peerRoutingSymbol, part => { wrapRouter(part, found('routing'), sourceTags) })
    wrapPart(contentRoutingSymbol, part => { wrapRouter(part, found('routing'), sourceTags) })
  }

  if (module[Symbol.toStringTag] === '@libp2p/kad-dht') {
    attribution.try(writer.name, () => { wrapNetwork(module, sourceTags) })
  }
}
