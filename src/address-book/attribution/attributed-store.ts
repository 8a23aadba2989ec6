import { isConfigured } from '../../pipeline/trust.ts'
import { addressText } from '../address-text.ts'
import { hasAddresses, isOwnOperation, keptAddresses, multiaddrsOf } from '../peer-store-write.ts'
import { READ_BACK } from './source-tags.ts'
import type { AttributionLog } from './attribution-log.ts'
import type { SourceTags } from './source-tags.ts'
import type { Writer } from './writer.ts'
import type { KeyedMutex } from '../keyed-mutex.ts'
import type { Logger, Peer, PeerData, PeerId, PeerStore } from '@libp2p/interface'

/** The parts that all views of a node's peer store share */
export interface StoreContext {
  readonly self: PeerId
  /** The peer store's original methods */
  readonly direct: StoreMethods
  readonly sourceTags: SourceTags
  readonly attributionLog: AttributionLog
  readonly mutex: KeyedMutex
  readonly log: Logger
}

type Operation = 'merge' | 'patch' | 'save'
type Write = PeerStore['patch']

/** The methods of a peer store that do not only call its other methods */
export type StoreMethods = Omit<PeerStore, 'consumePeerRecord' | 'getInfo'>

/** Returns peer store methods for one writer. They call the originals, and record who wrote which address */
export function attributedStore (writer: Writer, context: StoreContext): StoreMethods {
  const { direct, sourceTags, attributionLog, mutex } = context

  const read = (peer: Peer): Peer => {
    sourceTags.mark(multiaddrsOf(peer), READ_BACK, peer.id)

    return peer
  }

  const write = (operation: Operation): Write => async (...args) => read(await attributed(operation, writer, context, args))

  return {
    forEach: async (fn, query) => direct.forEach(peer => { fn(read(peer)) }, query),
    all: async query => (await direct.all(query)).map(read),
    // none of libp2p's own modules calls delete()
    delete: async (peer, options) => mutex.run(String(peer), async () => {
      await direct.delete(peer, options)
      await attributionLog.forget(peer, {})
    }, options?.signal),
    // a read sees the writes that began before, as with libp2p's own lock
    has: async (peer, options) => mutex.runAfter(String(peer), options?.signal, async () => direct.has(peer, options)),
    get: async (peer, options) => read(await (isOwnOperation(options) ? direct.get(peer, options) : mutex.runAfter(String(peer), options?.signal, async () => direct.get(peer, options)))),
    save: write('save'),
    patch: write('patch'),
    merge: write('merge')
  }
}

async function attributed (operation: Operation, writer: Writer, context: StoreContext, [peer, data, options]: Parameters<Write>): Promise<Peer> {
  const { self, direct, attributionLog, mutex } = context

  if (data == null || self.equals(peer) || isOwnOperation(options)) {
    return direct[operation](peer, data, options)
  }

  return mutex.run(peer.toString(), async () => {
    // save() also deletes what the data does not have
    if (!hasAddresses(data) && operation !== 'save') {
      return direct[operation](peer, data, options)
    }

    const replaces = operation !== 'merge'
    // the peer is the source of a record, whoever writes it
    const isUsersWord = writer.isUser === true && data.peerRecordEnvelope == null

    // the address book comes first: listeners to changes of the peer store may query it
    await attributionLog.write(writer, peer, data, replaces)
    const stored = await direct[operation](peer, replaces && !isUsersWord ? await keepConfigured(peer, data, context) : data, options)

    // only after the write: a failed one removes nothing
    if (replaces && isUsersWord) {
      await attributionLog.forget(peer, data)
    }

    return stored
  }, options?.signal)
}

/** Adds configured addresses that a write would remove. Addresses that the user has removed stay removed. Never rejects */
async function keepConfigured (peer: PeerId, data: PeerData, { direct, attributionLog: { observer }, log }: StoreContext): Promise<PeerData> {
  try {
    const given = new Set((observer?.query(peer) ?? [])
      .filter(({ provenance }) => provenance.some(({ source }) => isConfigured(source, observer?.trust)))
      .map(({ multiaddr }) => addressText(multiaddr, peer)))

    return given.size === 0
      ? data
      : { ...data, addresses: [...data.addresses ?? [], ...keptAddresses(peer, data, (await direct.get(peer)).addresses, text => given.has(text))] }
  } catch (err: any) {
    if (err.name !== 'NotFoundError') {
      log.error('could not keep what the user gave for %p - %e', peer, err)
    }

    return data
  }
}
