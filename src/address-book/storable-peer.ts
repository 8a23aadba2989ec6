import { MAX_NAME } from './limits.ts'
import type { PeerId } from '@libp2p/interface'

/** Whether a peer can be kept. Anybody can name one of an id of any length */
export function isStorable (peer: PeerId): boolean {
  return peer.toString().length <= MAX_NAME
}
