import { isPeerId } from '@libp2p/interface'
import { hasAddresses, multiaddrsOf } from '../peer-data.ts'
import { isOwnWrite } from '../own-write.ts'
import { keepConfigured } from './keeper.ts'
import { echo } from './taints.ts'
import type { KeeperContext } from './keeper.ts'
import type { Notes } from './notes.ts'
import type { Taints } from './taints.ts'
import type { Writer } from './writer.ts'
import type { Turns } from '../turns.ts'
import type { Peer, PeerId, PeerStore } from '@libp2p/interface'

/** What the views of one node's peer store share */
export interface StoreContext extends KeeperContext {
  readonly self: PeerId
  /** The peer store's own methods */
  readonly direct: PeerStore
  readonly taints: Taints
  readonly notes: Notes
  readonly turns: Turns
}

type Operation = 'merge' | 'patch' | 'save'
type Write = PeerStore['patch']

/** In the options that consumePeerRecord() hands on to the patch() that it makes: in whose name */
const inTheNameOf = Symbol('libp2p-dial-pipeline.in-the-name-of')

/** The methods of a peer store which know who calls them. They do what the peer store's own do, and note it */
export function attributedStore (writer: Writer, context: StoreContext): PeerStore {
  const { direct, taints, notes, turns } = context

  const read = (peer: Peer): Peer => {
    taints.mark(multiaddrsOf(peer), echo, peer.id)

    return peer
  }

  const write = (operation: Operation): Write => async (peer, data, options: any) => {
    const asked: Write = options?.[inTheNameOf] ?? (async (...args) => attributed(operation, writer, context, args))

    return read(await asked(peer, data, options))
  }

  return {
    forEach: async (fn, query) => direct.forEach(peer => { fn(read(peer)) }, query),
    all: async query => (await direct.all(query)).map(read),
    // none of libp2p's own modules does that
    delete: async (peer, options) => {
      await turns.after(String(peer), options?.signal, async () => direct.delete(peer, options))
      await notes.forget(peer, {})
    },
    has: async (peer, options) => direct.has(peer, options),
    get: async (peer, options) => read(await direct.get(peer, options)),
    getInfo: async (peer, options) => {
      const info = await direct.getInfo(peer, options)
      taints.mark(info.multiaddrs, echo, peer)

      return info
    },
    save: write('save'),
    patch: write('patch'),
    merge: write('merge'),
    // it has had the options in two forms
    consumePeerRecord: async (envelope: Uint8Array, second?: any, third?: any) => direct.consumePeerRecord(envelope, {
      ...isPeerId(second) ? { ...third, expectedPeer: second } : second ?? third,
      [inTheNameOf]: (async (...args) => attributed('patch', writer, context, args)) satisfies Write
    })
  }
}

async function attributed (operation: Operation, writer: Writer, context: StoreContext, [peer, data, options]: Parameters<Write>): Promise<Peer> {
  const { self, direct, notes, turns } = context

  // save() deletes what it is not given
  if (self.equals(peer) || isOwnWrite(options) || (!hasAddresses(data) && operation !== 'save')) {
    return direct[operation](peer, data, options)
  }

  return turns.take(peer.toString(), async () => {
    const replaces = operation !== 'merge'
    // a record is the peer's word, whoever hands it over
    const isUsersWord = writer.isUser === true && data.peerRecordEnvelope == null

    if (replaces && isUsersWord) {
      await notes.forget(peer, data)
    }

    // first the address book: who hears of a change of the peer store may look into it
    await notes.write(writer, peer, data, replaces)

    return direct[operation](peer, replaces && !isUsersWord ? await keepConfigured(peer, data, context) : data, options)
  })
}
