import { iPv4FromIPv6, isIPv4mappedIPv6, parseCidr } from '@chainsafe/netmask'
import { CODE_DNS, CODE_DNS4, CODE_DNS6, CODE_IP4, CODE_IP6, CODE_IP6ZONE } from '@multiformats/multiaddr'
import { hostNameOf } from './host-name.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const NAMES = new Set([CODE_DNS, CODE_DNS4, CODE_DNS6])

/**
 * Returns the IP address that an address begins with: 4 or 16 octets. An IPv4 address is returned also where it is written as a mapped
 * IPv6 address (a socket for both families names its peers so), or as a name. Returns undefined for names, and where there is no host.
 * Never throws
 */
export function ipOf (multiaddr: Multiaddr): Uint8Array | undefined {
  const [first, second] = multiaddr.getComponents()
  const { code = -1, value = '' } = (first?.code === CODE_IP6ZONE ? second : first) ?? {}

  if (code === CODE_IP4 || code === CODE_IP6) {
    return parseIp(value)
  }

  return NAMES.has(code) ? parseIp(hostNameOf(value)) : undefined
}

/** Returns the octets of an IP address in its usual spelling: 4 where it is an IPv4 address, mapped or not, else 16. Never throws */
export function parseIp (text: string): Uint8Array | undefined {
  const literal = text.replace(/^\[|\]$/g, '')
  const isIp6 = literal.includes(':')

  // a name: parsing it would throw
  if (!isIp6 && !/^[\d.]+$/.test(literal)) {
    return
  }

  try {
    const { network } = parseCidr(`${literal}/${isIp6 ? 128 : 32}`)

    return isIp6 && isIPv4mappedIPv6(network) ? iPv4FromIPv6(network) : network
  } catch {}
}
