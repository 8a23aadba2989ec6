import { turnsOf } from '../turns.ts'
import { attributedStore } from './attributed-store.ts'
import { wrapEvents } from './found.ts'
import { AttributionLog } from './attribution-log.ts'
import { SourceTags } from './source-tags.ts'
import { safeLog } from '../../pipeline/safe-log.ts'
import type { StoreContext, StoreMethods } from './attributed-store.ts'
import type { AddressFilter } from './attribution-log.ts'
import type { Writer } from './writer.ts'
import type { ComponentLogger, ConnectionGater, Logger, PeerId, PeerStore } from '@libp2p/interface'

/** What every libp2p node has before the first of its modules is made */
export interface NodeComponents {
  readonly peerId: PeerId
  readonly logger: ComponentLogger
  readonly connectionGater: ConnectionGater
  readonly events: object
  peerStore: PeerStore
}

const nodes = new WeakMap<NodeComponents, Attribution>()

/** Who wrote an address to the peer store of one node */
export class Attribution {
  readonly log: Logger
  readonly sourceTags = new SourceTags()
  readonly attributionLog: AttributionLog
  /** What could not be wrapped, in words */
  readonly problems: string[] = []
  /** The peer store that libp2p made. It is `node.peerStore`, so its methods note what the user writes */
  readonly public: PeerStore
  /** What the parts of libp2p that are not wrapped have in its place */
  readonly core: PeerStore
  readonly #context: StoreContext

  /** The first call, when the first of the node's modules is made, puts the peer store's views in place */
  static of (components: NodeComponents, addressFilter?: AddressFilter): Attribution {
    const attribution = nodes.get(components) ?? new Attribution(components, addressFilter)
    nodes.set(components, attribution)

    return attribution
  }

  private constructor (components: NodeComponents, addressFilter?: AddressFilter) {
    const { connectionGater, events, logger, peerId, peerStore } = components
    const direct = methodsOf(peerStore)

    this.log = safeLog(logger, 'libp2p:dial-pipeline:provenance')
    this.attributionLog = new AttributionLog(this.sourceTags, this.log, addressFilter ?? connectionGater.filterMultiaddrForPeer?.bind(connectionGater))
    this.public = peerStore
    this.#context = {
      self: peerId,
      direct,
      sourceTags: this.sourceTags,
      attributionLog: this.attributionLog,
      log: this.log,
      turns: turnsOf(peerStore)
    }

    this.try('node.peerStore', () => {
      Object.assign(peerStore, attributedStore({ name: 'user', source: 'user', isUser: true }, this.#context))
    })

    this.try('the events of the node', () => { wrapEvents(events, this.sourceTags) })
    this.core = this.view({ name: 'what uses the components of the node', isCore: true })
    components.peerStore = this.core
  }

  /** The peer store as one writer sees it */
  view (writer: Writer): PeerStore {
    return Object.assign(Object.create(this.public) as PeerStore, attributedStore(writer, this.#context))
  }

  /** What cannot be wrapped is left as it is */
  try (name: string, wrap: () => void): void {
    try {
      wrap()
    } catch (err: any) {
      this.problems.push(`${name}: ${err.message}`)
    }
  }
}

function methodsOf (store: any): StoreMethods {
  const names = ['forEach', 'all', 'delete', 'has', 'get', 'save', 'patch', 'merge'] satisfies Array<keyof StoreMethods>

  return Object.fromEntries(names.map(name => [name, store[name].bind(store)])) as unknown as StoreMethods
}
