import type { DialComponents } from '../pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'

/** Kept by the dialer, as by libp2p's own, in the metadata of a peer */
const SUCCESS = 'last-dial-success'

/**
 * Resolves to whether the node was connected to a peer: the peer store says so of a dial that succeeded, and has the protocols of a
 * peer that has identified itself, whoever dialled. Never rejects but with the signal's reason
 */
export async function wasConnected (peerId: PeerId, { peerStore }: DialComponents, signal: AbortSignal): Promise<boolean> {
  try {
    const { metadata, protocols } = await peerStore.get(peerId, { signal })

    return metadata.has(SUCCESS) || protocols.length > 0
  } catch {
    signal.throwIfAborted()

    return false
  }
}
