import { peerIdFromString } from '@libp2p/peer-id'
import type { PeerId } from '@libp2p/interface'

let last: { readonly text: string, readonly peerId: PeerId } | undefined

/**
 * Returns the peer id of a text. The last one is cached: decoding is slow, and one dial needs the same peer id several times
 *
 * @throws an error for a text that is not a peer id
 */
export function decodePeerId (text: string): PeerId {
  if (last?.text !== text) {
    const peerId: PeerId & CachesText = peerIdFromString(text)

    // saves toString() the encoding, which takes as long as decoding: libp2p looks peers up by their text
    if (isCanonical(text)) {
      peerId.string ??= text
    }

    last = { text, peerId }
  }

  return last.peerId
}

/** The field in which @libp2p/peer-id caches the result of `toString()` */
interface CachesText {
  string?: string
}

/** Returns the peer id of a text. Undefined: the text cannot be decoded, such as a peer id made from a URL. Never throws */
export function readPeerId (text: string): PeerId | undefined {
  try {
    return decodePeerId(text)
  } catch {
    return undefined
  }
}

/** Returns a peer id in the form of PeerId.toString(), also from the form of a CID. Another text is returned as it is */
export function canonicalPeer (text: string): string {
  return isCanonical(text) ? text : readPeerId(text)?.toString() ?? text
}

/** Returns whether a peer id is not in the form of a CID */
export function isCanonical (text: string): boolean {
  return text.startsWith('1') || text.startsWith('Q')
}
