import { lookupSpacingOf } from './lookup-spacing.ts'
import type { DialComponents } from '../pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'

/** Kept by the dialer, as by libp2p's own, in the metadata of a peer */
const SUCCESS = 'last-dial-success'

/** Resolves to whether the node was connected to a peer: since it started, or by a dial of its own before. Never rejects but with the signal's reason */
export async function wasConnected (peerId: PeerId, components: DialComponents, signal: AbortSignal): Promise<boolean> {
  if (lookupSpacingOf(components).wasConnected(peerId.toString())) {
    return true
  }

  try {
    const { metadata } = await components.peerStore.get(peerId, { signal })

    return metadata.has(SUCCESS)
  } catch {
    signal.throwIfAborted()

    return false
  }
}
