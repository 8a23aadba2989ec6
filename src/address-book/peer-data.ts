import { isMultiaddr } from '@multiformats/multiaddr'
import type { PeerData } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What is no address is left for the peer store to refuse */
export function multiaddrsOf ({ addresses = [], multiaddrs = [] }: PeerData): Multiaddr[] {
  return [...addresses.map(address => address?.multiaddr), ...multiaddrs].filter(isMultiaddr)
}

/** Whether a write says anything of addresses: also that there are none */
export function hasAddresses ({ addresses, multiaddrs }: PeerData): boolean {
  return addresses != null || multiaddrs != null
}
