import { ipToString } from '@chainsafe/netmask'
import { destinationsOf } from './destinations.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Second-level names under which a country's registry registers (RFC 920's, and what they are called elsewhere) */
const GENERIC = new Set(['ac', 'co', 'com', 'edu', 'gob', 'gov', 'go', 'mil', 'ne', 'net', 'or', 'org'])

/**
 * The part of a name that somebody has registered: `libp2p.io` of `/dnsaddr/sg1.bootstrap.libp2p.io`. An estimate, without the
 * list of all public suffixes: two names that share a hosting service's suffix pass for one operator's
 */
export function operatorOf (multiaddr: Multiaddr): string | undefined {
  const [host] = destinationsOf(multiaddr)

  if (host == null || host.ip != null) {
    return
  }

  const labels = host.name.split('.')
  const isGeneric = labels.at(-1)?.length === 2 && GENERIC.has(labels.at(-2) ?? '')

  return labels.slice(isGeneric ? -3 : -2).join('.')
}

/** The /16 of an IPv4 address, the /32 of an IPv6 one: what one provider usually has at least. Of names none */
export function providerPrefixOf (multiaddr: Multiaddr): string | undefined {
  const ip = destinationsOf(multiaddr)[0]?.ip

  return ip == null ? undefined : ip.length === 4 ? `${ip[0]}.${ip[1]}` : ipToString(ip).slice(0, 9)
}
