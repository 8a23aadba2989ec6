import { iPv4FromIPv6, isIPv4mappedIPv6, parseCidr } from '@chainsafe/netmask'
import { isPrivateIp as isPrivateInTable } from '@libp2p/utils'
import { CODE_IP4, CODE_IP6, CODE_IP6ZONE } from '@multiformats/multiaddr'
import { embeddedPrefix } from './embedded-ip4.ts'
import { HOST_NAMES, hostNameOf } from './host-name.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const ZERO = '0'.charCodeAt(0)

/** The first octets of all special-purpose IPv4 ranges: other addresses need no look-up in the table */
const SPECIAL_IP4 = new Set([0, 10, 100, 127, 169, 172, 192, 198, 203, ...Array.from({ length: 32 }, (_, i) => 224 + i)])

/** The beginnings of most private addresses. Every address with one is private */
const PRIVATE_IP4 = /^(10|127|192\.168)\./

/** The beginning of global unicast IPv6 addresses. Addresses with 2001 or 2002 need a look-up in the table */
const GLOBAL_IP6 = /^(?!200[12]:)[23][\da-f]{3}:/i

/** The first 48 bits of an IPv6 address that writes them in full */
const SITE_IP6 = /^([\da-f]{1,4}):([\da-f]{1,4}):([\da-f]{1,4}):/i

/**
 * Returns the IP address at the beginning of an address: 4 or 16 octets. Also reads IPv4 addresses in the form of a mapped IPv6 address, which a socket
 * for both families reports, or of a name. Undefined for other names, and without a host. Never throws
 */
export function ipOf (multiaddr: Multiaddr): Uint8Array | undefined {
  const [first, second] = multiaddr.getComponents()
  const { code = -1, value = '' } = (first?.code === CODE_IP6ZONE ? second : first) ?? {}

  if (code === CODE_IP4 || code === CODE_IP6) {
    return parseIp(value)
  }

  return HOST_NAMES.has(code) ? parseIp(hostNameOf(value)) : undefined
}

/** Returns the octets of an IP address in its usual spelling: 4 for an IPv4 address, mapped or not, else 16. Never throws */
export function parseIp (text: string): Uint8Array | undefined {
  const ip4 = parseIp4(text)

  if (ip4 != null) {
    return Uint8Array.of(ip4 >>> 24, ip4 >>> 16, ip4 >>> 8, ip4)
  }

  const literal = text.replace(/^\[|\]$/g, '')
  const isIp6 = literal.includes(':')

  // shortcut for names, for which parseCidr() would throw
  if (!isIp6 && !/^[\d.]+$/.test(literal)) {
    return
  }

  try {
    const { network } = parseCidr(`${literal}/${isIp6 ? 128 : 32}`)

    return isIp6 && isIPv4mappedIPv6(network) ? iPv4FromIPv6(network) : network
  } catch {}
}

/** Returns an IPv4 address as a 32-bit number. Undefined: it is not in the usual spelling */
export function parseIp4 (text: string): number | undefined {
  let ip = 0
  let octets = 0
  let octet = 0
  let digits = 0

  for (let i = 0; i <= text.length; i++) {
    const digit = text.charCodeAt(i) - ZERO
    const isEnd = i === text.length || text[i] === '.'

    if (isEnd && digits > 0 && octet <= 255) {
      ip = (ip << 8) | octet
      octets++
      octet = 0
      digits = 0
    } else if (digit >= 0 && digit <= 9 && (digits === 0 || octet > 0)) {
      octet = octet * 10 + digit
      digits++
    } else {
      return
    }
  }

  return octets === 4 ? ip : undefined
}

/** Returns whether an IP address is a loopback one in @libp2p/utils: 127.0.0.0/8 and ::1 */
export function isLoopbackIp (ip: string): boolean {
  return ip.includes(':') ? ip.endsWith('1') && isOne(parseIp(ip)) : ip.startsWith('127.')
}

/** Returns whether an IP address is private in @libp2p/utils, or unroutable. The slow table of @libp2p/utils is only read if the first octets do not decide */
export function isPrivateIp (ip: string): boolean {
  if (ip.includes(':')) {
    return !GLOBAL_IP6.test(ip) && isPrivateInTable(ip) === true
  }

  return PRIVATE_IP4.test(ip) || (SPECIAL_IP4.has(Number.parseInt(ip)) && isPrivateInTable(ip) === true)
}

/** Returns the /24 of an IPv4 address, mapped or behind NAT64 too, or the /48 of another IPv6 one: the usual size of a site */
export function sitePrefixOf (ip: string): string {
  if (!ip.includes(':')) {
    return ip.slice(0, ip.lastIndexOf('.'))
  }

  const groups = SITE_IP6.exec(ip)

  if (groups != null) {
    return groups.slice(1).map(group => `${Number.parseInt(group, 16) >> 8}:${Number.parseInt(group, 16) & 255}`).join(':')
  }

  const { network } = parseCidr(`${ip}/128`)
  const ip4 = embeddedPrefix(network, 128)?.network

  return ip4 == null ? network.subarray(0, 6).join(':') : ip4.subarray(0, 3).join('.')
}

function isOne (ip: Uint8Array | undefined): boolean {
  return ip?.length === 16 && ip.every((octet, i) => octet === (i === 15 ? 1 : 0))
}
