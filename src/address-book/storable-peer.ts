import { MAX_NAME } from '../address/check-name.ts'
import type { PeerId } from '@libp2p/interface'

/** Returns whether a peer can be stored. A peer id from a URL cannot be parsed from its text, and may have any length */
export function isStorable (peer: PeerId): boolean {
  return peer.type !== 'url' && peer.toString().length <= MAX_NAME
}
