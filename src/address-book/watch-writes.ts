import { patch } from '../pipeline/patch.ts'
import { hasSucceeded } from './attribution/addresses-by-source.ts'
import { isOwnWrite } from './own-write.ts'
import { hasAddresses, multiaddrsOf } from './peer-data.ts'
import type { Turns } from './turns.ts'
import type { PeerData, PeerId, PeerStore } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

type WriteName = 'save' | 'patch' | 'merge'

/** The writes of others to a peer store, as they are told */
export interface WriteListeners {
  /** Addresses of a peer are about to be added. The other writes are told once they are done */
  readonly onAdd: (peer: PeerId, multiaddrs: readonly Multiaddr[]) => void
  /** The program has deleted a peer, or has replaced its addresses by these */
  readonly onReplaced: (peer: PeerId, multiaddrs: readonly Multiaddr[]) => void
  /** A signed record has come: with identify, or by `consumePeerRecord()` */
  readonly onRecord: (peer: PeerId, envelope: Uint8Array) => Promise<unknown>
}

/**
 * Tells of what others write to a peer store, and has them wait while somebody has the turn of the peer. Otherwise they begin at once.
 *
 * @returns what undoes it, also where somebody else has wrapped the peer store since
 */
export function watchWrites (store: PeerStore, turns: Turns, listeners: WriteListeners): () => void {
  const original = { delete: store.delete.bind(store), save: store.save.bind(store), patch: store.patch.bind(store), merge: store.merge.bind(store) }
  let isWatching = true

  const watched = (name: WriteName): PeerStore['patch'] => async (peer, data, options) => {
    // save() deletes what it is not given
    const isOfAddresses = name === 'save' || (data != null && hasAddresses(data))

    if (!isWatching || !isOfAddresses || isOwnWrite(options)) {
      return original[name](peer, data, options)
    }

    const result = await turns.after(String(peer), options?.signal, async () => {
      if (name === 'merge' && data.peerRecordEnvelope == null && !hasSucceeded(data)) {
        listeners.onAdd(peer, multiaddrsOf({ ...data, addresses: data.addresses?.filter(address => !address?.isCertified) }))
      }

      return original[name](peer, data, options)
    })
    await tell(name, peer, data, listeners)

    return result
  }

  const remove: PeerStore['delete'] = async (peer, options) => {
    if (!isWatching) {
      return original.delete(peer, options)
    }

    await turns.after(String(peer), options?.signal, async () => original.delete(peer, options))
    listeners.onReplaced(peer, [])
  }

  const undo = [patch(store, 'delete', remove), ...(['save', 'patch', 'merge'] as const).map(name => patch(store, name, watched(name)))]

  return () => {
    isWatching = false
    undo.forEach(fn => { fn() })
  }
}

async function tell (name: WriteName, peer: PeerId, data: PeerData, { onReplaced, onRecord }: WriteListeners): Promise<void> {
  if (name !== 'merge' && data.peerRecordEnvelope != null) {
    await onRecord(peer, data.peerRecordEnvelope)
  } else if (name === 'save' || (name === 'patch' && !isOfIdentify(data))) {
    onReplaced(peer, multiaddrsOf(data))
  }
}

/** Identify replaces with patch() too, and writes beside the addresses what else a peer tells. It takes back nothing that others have said */
function isOfIdentify ({ protocols, publicKey }: PeerData): boolean {
  return protocols != null || publicKey != null
}
