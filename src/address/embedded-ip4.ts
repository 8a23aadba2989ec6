import { IpNet, isIPv4mappedIPv6 } from '@chainsafe/netmask'
import { IPV6_RANGES } from './scope-ranges.ts'

/** The position of an IPv4 address inside the IPv6 addresses of a range */
interface Form {
  readonly net: IpNet
  readonly octets: readonly number[]
  readonly isInverted?: boolean
  /** Whether the IPv4 address directly follows the prefix, and is the only one: a longer prefix is then a range of IPv4 addresses */
  readonly isPrefix?: boolean
}

/** The forms with a fixed range: IPv4-compatible and -mapped, NAT64, Teredo (the client, then its server) and 6to4 */
const FORMS: readonly Form[] = IPV6_RANGES.flatMap(({ cidr, scope }) => typeof scope === 'string'
  ? []
  : scope.map(({ at, isInverted }) => ({ net: new IpNet(cidr), octets: [at, at + 1, at + 2, at + 3], isInverted, isPrefix: scope.length === 1 })))

/** NAT64 for local use (RFC 8215). Each network chooses one of these prefix lengths (RFC 6052, section 2.2), and octet 8 is skipped */
const LOCAL_NAT64: readonly Form[] = [[12, 13, 14, 15], [9, 10, 11, 12], [7, 9, 10, 11], [6, 7, 9, 10]].map(octets => ({ net: new IpNet('64:ff9b:1::/48'), octets }))

/** IPv4-translated addresses (RFC 2765, section 2.1): `::ffff:0:203.0.113.5` */
const TRANSLATED: Form = { net: new IpNet('::ffff:0:0:0/96'), octets: [12, 13, 14, 15] }

const ALL: readonly Form[] = [...FORMS, ...LOCAL_NAT64, TRANSLATED]

/**
 * Returns the IPv4 addresses that an IPv6 address embeds: packets to the one are forwarded to the other. Most addresses embed none, and Teredo embeds
 * two, the client first. For NAT64 of local use, all four possible positions are returned, the usual one first. A NAT64 prefix from a network's own
 * range cannot be recognised.
 *
 * @param ip the 16 octets of an IPv6 address. For other lengths the result is empty
 */
export function embeddedIp4s (ip: Uint8Array): Uint8Array[] {
  if (ip.length !== 16) {
    return []
  }

  const found = ALL.filter(({ net }) => net.contains(ip)).map(form => read(ip, form)).filter(isHost)

  return isIsatap(ip) ? [...found, ip.slice(12)] : found
}

/**
 * Returns the range of IPv4 addresses that a range of IPv6 addresses embeds. Undefined: it embeds none, or covers a whole form such as `64:ff9b::/96`.
 * Mapped addresses are the exception: their whole form is a range of IPv4 addresses
 *
 * @param network 16 octets, zero beyond `length` bits
 */
export function embeddedPrefix (network: Uint8Array, length: number): { network: Uint8Array, length: number } | undefined {
  const form = FORMS.find(({ net, octets, isPrefix }) => isPrefix === true && net.contains(network) && length >= 8 * Number(octets[0]))
  const ip4 = form == null ? undefined : read(network, form)
  const rest = length - 8 * Number(form?.octets[0])

  if (ip4 == null || !(isIPv4mappedIPv6(network) || (rest > 0 && isHost(ip4)))) {
    return
  }

  return { network: ip4, length: Math.min(32, rest) }
}

function read (ip: Uint8Array, { octets, isInverted = false }: Form): Uint8Array {
  return Uint8Array.from(octets, at => isInverted ? 255 - Number(ip[at]) : Number(ip[at]))
}

/** `::`, `::1` and a prefix followed by zeros embed no host: no host has an address of 0.0.0.0/8 */
function isHost ([first]: Uint8Array): boolean {
  return first !== 0
}

/** Returns whether an address has the interface identifier of ISATAP (RFC 5214, section 6.1) */
function isIsatap (ip: Uint8Array): boolean {
  return (ip[8] === 0 || ip[8] === 2) && ip[9] === 0 && ip[10] === 0x5e && ip[11] === 0xfe && isHost(ip.subarray(12))
}
