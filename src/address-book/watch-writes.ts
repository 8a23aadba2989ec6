import { patch } from '../pipeline/patch.ts'
import { hasAddresses, hasSucceeded, isOwnOperation, multiaddrsOf } from './peer-store-write.ts'
import type { KeyedMutex } from './keyed-mutex.ts'
import type { PeerData, PeerId, PeerStore } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

type WriteName = 'save' | 'patch' | 'merge'

/** Listeners to the writes of other code to a peer store */
export interface WriteListeners {
  /** Called before addresses of a peer are added. The other listeners are called after the write */
  readonly onAdd: (peer: PeerId, multiaddrs: readonly Multiaddr[]) => void
  /** Called when the application has deleted a peer, or replaced its addresses by these */
  readonly onReplaced: (peer: PeerId, multiaddrs: readonly Multiaddr[]) => void
  /** Called when a signed record was written, by identify or `consumePeerRecord()` */
  readonly onRecord: (peer: PeerId, envelope: Uint8Array) => Promise<unknown>
}

/**
 * Observes the writes of other code to a peer store. A write waits while a function holds the lock of its peer, and begins at once otherwise
 *
 * @returns a function that ends the observation, even if other code has wrapped the peer store since
 */
export function watchWrites (store: PeerStore, mutex: KeyedMutex, listeners: WriteListeners): () => void {
  const original = { delete: store.delete.bind(store), save: store.save.bind(store), patch: store.patch.bind(store), merge: store.merge.bind(store) }
  let isWatching = true

  const watched = (name: WriteName): PeerStore['patch'] => async (peer, data, options) => {
    // save() also deletes what the data does not have
    const isOfAddresses = name === 'save' || (data != null && hasAddresses(data))

    if (!isWatching || !isOfAddresses || isOwnOperation(options)) {
      return original[name](peer, data, options)
    }

    const result = await mutex.runAfter(String(peer), options?.signal, async () => {
      if (name === 'merge' && data.peerRecordEnvelope == null && !hasSucceeded(data)) {
        listeners.onAdd(peer, multiaddrsOf(data, ({ isCertified }) => !isCertified))
      }

      return original[name](peer, data, options)
    })
    await notifyListeners(name, peer, data, listeners)

    return result
  }

  const remove: PeerStore['delete'] = async (peer, options) => {
    if (!isWatching) {
      return original.delete(peer, options)
    }

    await mutex.runAfter(String(peer), options?.signal, async () => original.delete(peer, options))
    listeners.onReplaced(peer, [])
  }

  const undo = [patch(store, 'delete', remove), ...(['save', 'patch', 'merge'] as const).map(name => patch(store, name, watched(name)))]

  return () => {
    isWatching = false
    undo.forEach(fn => { fn() })
  }
}

async function notifyListeners (name: WriteName, peer: PeerId, data: PeerData, { onReplaced, onRecord }: WriteListeners): Promise<void> {
  if (name !== 'merge' && data.peerRecordEnvelope != null) {
    await onRecord(peer, data.peerRecordEnvelope)
  } else if (name === 'save' || (name === 'patch' && !isOfIdentify(data))) {
    onReplaced(peer, multiaddrsOf(data))
  }
}

/** Returns whether a write is one of identify, which patches addresses together with protocols. Such a write removes no reports of other sources */
function isOfIdentify ({ protocols, publicKey }: PeerData): boolean {
  return protocols != null || publicKey != null
}
