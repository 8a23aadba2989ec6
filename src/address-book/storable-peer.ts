import { MAX_NAME } from '../address/check-name.ts'
import type { PeerId } from '@libp2p/interface'

/** Whether a peer can be kept. Anybody can name one that is made of a URL: it cannot be read from its text, and has any length */
export function isStorable (peer: PeerId): boolean {
  return peer.type !== 'url' && peer.toString().length <= MAX_NAME
}
