import { isMultiaddr } from '@multiformats/multiaddr'
import type { Address, PeerData } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * Returns the multiaddrs of a write. The peer store refuses anything else in it
 *
 * @param isMeant selects among `addresses`. Default: all
 */
export function multiaddrsOf ({ addresses, multiaddrs }: PeerData, isMeant: (address: Address) => boolean = () => true): Multiaddr[] {
  const named = listOf(addresses).filter(address => address != null && isMeant(address))

  return [...named.map(({ multiaddr }) => multiaddr), ...listOf(multiaddrs)].filter(isMultiaddr)
}

/** Returns a list of a write. The peer store ignores null, accepts a Set, and refuses other values itself */
function listOf<T> (value: T[] | Set<T> | null | undefined): T[] {
  return Array.isArray(value) || value instanceof Set ? [...value] : []
}

/** Returns whether a write sets addresses, possibly to none */
export function hasAddresses ({ addresses, multiaddrs }: PeerData): boolean {
  return addresses != null || multiaddrs != null
}
