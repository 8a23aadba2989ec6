import { iPv4FromIPv6, isIPv4mappedIPv6, parseCidr } from '@chainsafe/netmask'
import { isPrivateIp as isPrivateInTable } from '@libp2p/utils'
import { CODE_DNS, CODE_DNS4, CODE_DNS6, CODE_IP4, CODE_IP6, CODE_IP6ZONE } from '@multiformats/multiaddr'
import { hostNameOf } from './host-name.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const NAMES = new Set([CODE_DNS, CODE_DNS4, CODE_DNS6])

const ZERO = '0'.charCodeAt(0)

/** The first octets with which a special-purpose IPv4 range begins: no other address needs to be looked up in the table */
const SPECIAL_IP4 = new Set([0, 10, 100, 127, 169, 172, 192, 198, 203, ...Array.from({ length: 32 }, (_, i) => 224 + i)])

/** How most private addresses begin: all that begin so are private */
const PRIVATE_IP4 = /^(10|127|192\.168)\./

/** How global unicast IPv6 addresses begin: those that begin with 2001 or 2002 need to be looked up in the table */
const GLOBAL_IP6 = /^(?!200[12]:)[23][\da-f]{3}:/i

/** The first 48 bits of an IPv6 address that has them in full */
const SITE_IP6 = /^([\da-f]{1,4}):([\da-f]{1,4}):([\da-f]{1,4}):/i

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
  const ip4 = parseIp4(text)

  if (ip4 != null) {
    return Uint8Array.of(ip4 >>> 24, ip4 >>> 16, ip4 >>> 8, ip4)
  }

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

/** Returns an IPv4 address as a number of 32 bits. Undefined: it is not spelt as usual */
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

/** As @libp2p/utils has it: 127.0.0.0/8 and ::1 */
export function isLoopbackIp (ip: string): boolean {
  return ip.includes(':') ? ip.endsWith('1') && isOne(parseIp(ip)) : ip.startsWith('127.')
}

/** As @libp2p/utils has it: also the loopback, and what no host of the internet has. Its table is asked only where the first octets leave that open */
export function isPrivateIp (ip: string): boolean {
  if (ip.includes(':')) {
    return !GLOBAL_IP6.test(ip) && isPrivateInTable(ip) === true
  }

  return PRIVATE_IP4.test(ip) || (SPECIAL_IP4.has(Number.parseInt(ip)) && isPrivateInTable(ip) === true)
}

/** Returns the /24 of an IPv4 address, and the /48 of an IPv6 one: what one site usually has */
export function sitePrefixOf (ip: string): string {
  if (!ip.includes(':')) {
    return ip.slice(0, ip.lastIndexOf('.'))
  }

  const groups = SITE_IP6.exec(ip)

  return groups == null
    ? parseCidr(`${ip}/48`).network.subarray(0, 6).join(':')
    : groups.slice(1).map(group => `${Number.parseInt(group, 16) >> 8}:${Number.parseInt(group, 16) & 255}`).join(':')
}

/** ::1 */
function isOne (ip: Uint8Array | undefined): boolean {
  return ip?.length === 16 && ip.every((octet, i) => octet === (i === 15 ? 1 : 0))
}
