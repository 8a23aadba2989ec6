import { isMultiaddr } from '@multiformats/multiaddr'
import type { PeerData } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Returns the multiaddrs of a write. The peer store refuses anything else in it */
export function multiaddrsOf ({ addresses = [], multiaddrs = [] }: PeerData): Multiaddr[] {
  return [...addresses.map(address => address?.multiaddr), ...multiaddrs].filter(isMultiaddr)
}

/** Returns whether a write sets addresses, possibly to none */
export function hasAddresses ({ addresses, multiaddrs }: PeerData): boolean {
  return addresses != null || multiaddrs != null
}
