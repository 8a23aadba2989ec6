import { safeLog } from '../../pipeline/safe-log.ts'
import { isConfigured } from '../../pipeline/trust.ts'
import { addressText } from '../address-text.ts'
import { mutexOf } from '../keyed-mutex.ts'
import { hasAddresses, isOwnOperation, keptAddresses, multiaddrsOf } from '../peer-store-write.ts'
import { AttributionLog } from './attribution-log.ts'
import { READ_BACK, SourceTags } from './source-tags.ts'
import { wrapEvents } from './wrap-module.ts'
import type { AddressFilter } from './attribution-log.ts'
import type { Writer } from './writer.ts'
import type { KeyedMutex } from '../keyed-mutex.ts'
import type { ComponentLogger, ConnectionGater, Logger, Peer, PeerData, PeerId, PeerStore } from '@libp2p/interface'

/** The components of a libp2p node that exist before its first module */
export interface NodeComponents {
  readonly peerId: PeerId
  readonly logger: ComponentLogger
  readonly connectionGater: ConnectionGater
  readonly events: object
  peerStore: PeerStore
}

/** The methods of a peer store that reach its data. Its other methods only call these */
const METHODS = ['forEach', 'all', 'delete', 'has', 'get', 'save', 'patch', 'merge'] as const

type StoreMethods = Pick<PeerStore, typeof METHODS[number]>

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
  readonly #self: PeerId
  /** The peer store's original methods */
  readonly #direct: StoreMethods
  readonly #mutex: KeyedMutex

  /** Returns the attribution of a node. The first call, before the first module, installs the views of the peer store */
  static of (components: NodeComponents, addressFilter?: AddressFilter): Attribution {
    const attribution = nodes.get(components) ?? new Attribution(components, addressFilter)
    nodes.set(components, attribution)

    return attribution
  }

  private constructor (components: NodeComponents, addressFilter?: AddressFilter) {
    const { connectionGater, events, logger, peerId, peerStore } = components

    this.log = safeLog(logger, 'libp2p:dial-pipeline:provenance')
    this.attributionLog = new AttributionLog(this.sourceTags, this.log, addressFilter ?? connectionGater.filterMultiaddrForPeer?.bind(connectionGater))
    this.public = peerStore
    this.#self = peerId
    this.#direct = Object.fromEntries(METHODS.map(name => [name, peerStore[name].bind(peerStore)])) as unknown as StoreMethods
    this.#mutex = mutexOf(peerStore)
    this.try('node.peerStore', () => { Object.assign(peerStore, this.#methods({ name: 'user', source: 'user', isUser: true })) })
    this.try('the events of the node', () => { wrapEvents(events, this.sourceTags) })
    this.core = this.view({ name: 'what uses the components of the node', isCore: true })
    components.peerStore = this.core
  }

  /** Returns the peer store as one writer sees it */
  view (writer: Writer): PeerStore {
    return Object.assign(Object.create(this.public) as PeerStore, this.#methods(writer))
  }

  /** Wraps something, and records a failure: the original then stays in place */
  try (name: string, wrap: () => void): void {
    try {
      wrap()
    } catch (err: any) {
      this.problems.push(`${name}: ${err.message}`)
    }
  }

  /** Returns peer store methods for one writer. They call the originals, and record who wrote which address */
  #methods (writer: Writer): StoreMethods {
    const direct = this.#direct
    const mutex = this.#mutex
    const read = (peer: Peer): Peer => {
      this.sourceTags.mark(multiaddrsOf(peer), READ_BACK, peer.id)

      return peer
    }
    const write = (operation: 'merge' | 'patch' | 'save'): PeerStore['patch'] => async (peer, data, options) => {
      const isDirect = data == null || this.#self.equals(peer) || isOwnOperation(options)

      return read(await (isDirect
        ? direct[operation](peer, data, options)
        : mutex.run(peer.toString(), async () => {
          // save() also deletes what the data does not have
          const isOfAddresses = hasAddresses(data) || operation === 'save'

          return isOfAddresses ? this.#write(writer, operation, peer, data, options) : direct[operation](peer, data, options)
        }, options?.signal)))
    }

    return {
      forEach: async (fn, query) => direct.forEach(peer => { fn(read(peer)) }, query),
      all: async query => (await direct.all(query)).map(read),
      // a delete is always the user's: none of libp2p's own modules calls it
      delete: async (peer, options) => mutex.run(String(peer), async () => {
        await direct.delete(peer, options)
        await this.attributionLog.forget(peer, {})
      }, options?.signal),
      // a read sees the writes that began before, as with libp2p's own lock
      has: async (peer, options) => mutex.runAfter(String(peer), options?.signal, async () => direct.has(peer, options)),
      get: async (peer, options) => read(await (isOwnOperation(options) ? direct.get(peer, options) : mutex.runAfter(String(peer), options?.signal, async () => direct.get(peer, options)))),
      save: write('save'),
      patch: write('patch'),
      merge: write('merge')
    }
  }

  async #write (writer: Writer, operation: 'merge' | 'patch' | 'save', ...[peer, data, options]: Parameters<PeerStore['patch']>): Promise<Peer> {
    const replaces = operation !== 'merge'
    // the peer is the source of a record, whoever writes it
    const isUserWrite = writer.isUser === true && data.peerRecordEnvelope == null

    // the address book comes first: listeners to changes of the peer store may query it
    await this.attributionLog.write(writer, peer, data, replaces)
    const stored = await this.#direct[operation](peer, replaces && !isUserWrite ? await this.#keepConfigured(peer, data) : data, options)

    // only after the write: a failed one removes nothing
    if (replaces && isUserWrite) {
      await this.attributionLog.forget(peer, data)
    }

    return stored
  }

  /** Adds configured addresses that a write would remove. Addresses that the user has removed stay removed. Never rejects */
  async #keepConfigured (peer: PeerId, data: PeerData): Promise<PeerData> {
    const { observer } = this.attributionLog

    try {
      const configured = new Set((observer?.query(peer) ?? [])
        .filter(({ provenance }) => provenance.some(({ source }) => isConfigured(source, observer?.trust)))
        .map(({ multiaddr }) => addressText(multiaddr, peer)))

      return configured.size === 0
        ? data
        : { ...data, addresses: [...data.addresses ?? [], ...keptAddresses(peer, data, (await this.#direct.get(peer)).addresses, text => configured.has(text))] }
    } catch (err: any) {
      if (err.name !== 'NotFoundError') {
        this.log.error('could not keep the configured addresses of %p - %e', peer, err)
      }

      return data
    }
  }
}
