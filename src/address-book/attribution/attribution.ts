import { mutexOf } from '../keyed-mutex.ts'
import { attributedStore } from './attributed-store.ts'
import { wrapEvents } from './wrap-module.ts'
import { AttributionLog } from './attribution-log.ts'
import { SourceTags } from './source-tags.ts'
import { safeLog } from '../../pipeline/safe-log.ts'
import type { StoreContext, StoreMethods } from './attributed-store.ts'
import type { AddressFilter } from './attribution-log.ts'
import type { Writer } from './writer.ts'
import type { ComponentLogger, ConnectionGater, Logger, PeerId, PeerStore, Startable } from '@libp2p/interface'

/** The components of a libp2p node that exist before its first module */
export interface NodeComponents {
  readonly peerId: PeerId
  readonly logger: ComponentLogger
  readonly connectionGater: ConnectionGater
  readonly events: object
  peerStore: PeerStore
}

const nodes = new WeakMap<NodeComponents, Attribution>()

/** Attributes the writes to the peer store of one node */
export class Attribution {
  readonly log: Logger
  readonly sourceTags = new SourceTags()
  readonly attributionLog: AttributionLog
  /** The parts that could not be wrapped, in words */
  readonly problems: string[] = []
  /** The original peer store, as the application sees it in `node.peerStore`. Its methods attribute writes to the user */
  readonly public: PeerStore
  /** The peer store for the parts of libp2p that are not wrapped */
  readonly core: PeerStore
  readonly #context: StoreContext

  /** Returns the attribution of a node. The first call, before the first module, installs the views of the peer store */
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
      mutex: mutexOf(peerStore)
    }

    this.try('node.peerStore', () => {
      Object.assign(peerStore, attributedStore({ name: 'user', source: 'user', isUser: true }, this.#context))
    })

    this.try('the events of the node', () => { wrapEvents(events, this.sourceTags) })
    this.core = this.view({ name: 'what uses the components of the node', isCore: true })
    components.peerStore = this.core
  }

  /** Returns the peer store as one writer sees it */
  view (writer: Writer): PeerStore {
    return Object.assign(Object.create(this.public) as PeerStore, attributedStore(writer, this.#context))
  }

  /** Wraps something, and records a failure: the original then stays in place */
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

/** Reports which parts of a node cannot be attributed. Checks the node at its start */
export class Provenance implements Startable {
  readonly [Symbol.toStringTag] = 'libp2p-dial-pipeline-provenance'

  readonly #components: NodeComponents
  readonly #attribution: Attribution
  /** The parts whose addresses cannot be attributed, in words */
  problems: readonly string[] = []

  constructor (components: NodeComponents, attribution: Attribution) {
    this.#components = components
    this.#attribution = attribution
  }

  /** Called by libp2p. Addresses are attributed before the start as well */
  start (): void {
    this.problems = problemsOf(this.#components, this.#attribution)

    if (this.problems.length > 0) {
      this.#attribution.log.error('not every address can be attributed: %s', this.problems.join('; '))
    }
  }

  stop (): void {}
}

/** Returns which writes of a node cannot be attributed, in words */
function problemsOf (components: NodeComponents, { core, public: original, attributionLog, problems }: Attribution): string[] {
  const found = [...problems]

  if (components.peerStore !== core) {
    found.push('something has replaced the peer store')
  }

  if (attributionLog.observer == null) {
    found.push('there is no address book')
  }

  // libp2p keeps its components in a record of this name
  const { components: all = {} } = components as { components?: Record<string, unknown> }

  for (const [name, component] of Object.entries(all)) {
    if (name !== 'peerStore' && typeof component === 'object' && component != null && Object.values(component).includes(original)) {
      found.push(`${name} was made before the peer store could be wrapped: what it writes counts as the user's`)
    }
  }

  return found
}
