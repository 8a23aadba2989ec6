import { MAX_NAME } from '../address/check-name.ts'
import { isOversized } from '../pipeline/candidate.ts'
import { ownAddress } from '../records/record-addresses.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * Returns the key of a peer's address: its text without the peer's own /p2p suffix, so that both ways to write it are one address. Undefined: the
 * address is empty, leads to another peer, or has more than 1,024 bytes
 */
export function addressText (multiaddr: Multiaddr, peer: PeerId | string): string | undefined {
  const text = multiaddr.toString()

  if (!text.includes('/p2p/')) {
    return text === '/' || isOversized(multiaddr) ? undefined : text
  }

  const own = ownAddress(multiaddr, peer)

  return own == null || own.getComponents().length === 0 || isOversized(own) ? undefined : own.toString()
}

/** Returns whether a peer can be stored. A peer id from a URL cannot be parsed from its text, and may have any length */
export function isStorable (peer: PeerId): boolean {
  return peer.type !== 'url' && peer.toString().length <= MAX_NAME
}
