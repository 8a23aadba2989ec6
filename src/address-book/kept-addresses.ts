import { isMultiaddr } from '@multiformats/multiaddr'
import { addressText } from './address-text.ts'
import { multiaddrsOf } from './peer-data.ts'
import type { Address, PeerData, PeerId } from '@libp2p/interface'

/**
 * Returns the stored addresses that a write to the peer store would remove and that shall stay, uncertified
 *
 * @param isKept gets the text of the address without the peer's own /p2p suffix
 */
export function keptAddresses (peer: PeerId, data: PeerData, stored: readonly Address[], isKept: (text: string, address: Address) => boolean): Address[] {
  const named = new Set(multiaddrsOf(data).map(multiaddr => addressText(multiaddr, peer)))

  return stored.flatMap(address => {
    const { multiaddr } = address
    const text = isMultiaddr(multiaddr) ? addressText(multiaddr, peer) ?? multiaddr.toString() : undefined

    if (text == null || named.has(text) || !isKept(text, address)) {
      return []
    }

    // deduplicated: the address may be stored with and without the suffix
    named.add(text)

    return [{ multiaddr, isCertified: false }]
  })
}
