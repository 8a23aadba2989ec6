import { isMultiaddr } from '@multiformats/multiaddr'
import { addressText } from './address-text.ts'
import { multiaddrsOf } from './peer-data.ts'
import type { Address, PeerData, PeerId } from '@libp2p/interface'

/**
 * Returns the addresses of a peer in the peer store that a write would remove, and that stay all the same: uncertified
 *
 * @param isKept is given the address without the peer's own /p2p suffix
 */
export function keptAddresses (peer: PeerId, data: PeerData, stored: readonly Address[], isKept: (text: string, address: Address) => boolean): Address[] {
  const named = new Set(multiaddrsOf(data).map(multiaddr => addressText(multiaddr, peer)))

  return stored.flatMap(address => {
    const { multiaddr } = address
    const text = isMultiaddr(multiaddr) ? addressText(multiaddr, peer) ?? multiaddr.toString() : undefined

    if (text == null || named.has(text) || !isKept(text, address)) {
      return []
    }

    // two ways to write it are one
    named.add(text)

    return [{ multiaddr, isCertified: false }]
  })
}
