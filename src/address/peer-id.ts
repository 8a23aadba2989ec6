import { peerIdFromString } from '@libp2p/peer-id'
import type { PeerId } from '@libp2p/interface'

let last: { readonly text: string, readonly peerId: PeerId } | undefined

/**
 * Returns the peer id of a text. The last one is remembered: it takes long to decode, and one dial needs it several times
 *
 * @throws an error for what is no peer id
 */
export function decodePeerId (text: string): PeerId {
  if (last?.text !== text) {
    const peerId: PeerId & CachesText = peerIdFromString(text)

    // libp2p looks peers up by their text, and encoding it takes as long as decoding it has
    if (isCanonical(text)) {
      peerId.string ??= text
    }

    last = { text, peerId }
  }

  return last.peerId
}

/** Where @libp2p/peer-id keeps what `toString()` returns, once that was asked for */
interface CachesText {
  string?: string
}

/** Returns the peer id that an address names; undefined where that cannot be read, as one that is made of a URL. Never throws */
export function readPeerId (text: string): PeerId | undefined {
  try {
    return decodePeerId(text)
  } catch {
    return undefined
  }
}

/** Returns a peer id as PeerId.toString() writes it: it can also be written as a CID. A text that is none is returned as it is */
export function canonicalPeer (text: string): string {
  return isCanonical(text) ? text : readPeerId(text)?.toString() ?? text
}

/** Whether a peer id is not written as a CID */
export function isCanonical (text: string): boolean {
  return text.startsWith('1') || text.startsWith('Q')
}
