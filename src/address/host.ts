import { isLoopback, isPrivate } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The first octets with which a special-purpose IPv4 range begins: no other address needs to be looked up in the table */
const SPECIAL = new Set([0, 10, 100, 127, 169, 172, 192, 198, 203, ...Array.from({ length: 32 }, (_, i) => 224 + i)])

/** How most private addresses begin: all that begin so are private */
const PRIVATE = /^(10|127|192\.168)\./

/** As `isLoopback` of @libp2p/utils, without its table where the first octet settles it */
export function isLoopbackHost (multiaddr: Multiaddr): boolean {
  const ip4 = ip4Of(multiaddr)

  return ip4 == null ? isLoopback(multiaddr) : ip4.startsWith('127.')
}

/** As `isPrivate` of @libp2p/utils, without its table where the first octets settle it */
export function isPrivateHost (multiaddr: Multiaddr): boolean {
  const ip4 = ip4Of(multiaddr)

  return ip4 == null || (SPECIAL.has(Number.parseInt(ip4)) && !PRIVATE.test(ip4)) ? isPrivate(multiaddr) : PRIVATE.test(ip4)
}

function ip4Of (multiaddr: Multiaddr): string | undefined {
  const [host] = multiaddr.getComponents()

  return host?.name === 'ip4' ? host.value : undefined
}
