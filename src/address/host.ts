import { isLoopback, isPrivate } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The first octets with which a special-purpose IPv4 range begins: no other address needs to be looked up in the table */
const SPECIAL = new Set([0, 10, 100, 127, 169, 172, 192, 198, 203, ...Array.from({ length: 32 }, (_, i) => 224 + i)])

/** As `isLoopback` of @libp2p/utils, without its table where the first octet settles it */
export function isLoopbackHost (multiaddr: Multiaddr): boolean {
  return mayBeSpecial(multiaddr) && isLoopback(multiaddr)
}

/** As `isPrivate` of @libp2p/utils, without its table where the first octet settles it */
export function isPrivateHost (multiaddr: Multiaddr): boolean {
  return mayBeSpecial(multiaddr) && isPrivate(multiaddr)
}

function mayBeSpecial (multiaddr: Multiaddr): boolean {
  const [host] = multiaddr.getComponents()

  return host?.name !== 'ip4' || SPECIAL.has(Number.parseInt(host.value ?? ''))
}
