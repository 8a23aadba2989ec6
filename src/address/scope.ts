import { IpNet, parseCidr } from '@chainsafe/netmask'
import { CODE_IP4, CODE_IP6, CODE_IP6ZONE, CODE_MEMORY, CODE_SNI, CODE_UNIX } from '@multiformats/multiaddr'
import { destinationsOf } from './destinations.ts'
import { parseIp4 } from './ip.ts'
import { IPV4_RANGES, IPV6_RANGES, NAME_SCOPES } from './scope-ranges.ts'
import type { Range, Scope } from './scope-ranges.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * Returns the scope of an address. The scope of a relayed address is that of the relay, because only the relay knows where the peer is. Never throws.
 *
 * - A literal in a name has the scope of its IP address. So has an AutoTLS name, and an IPv6 address that embeds an IPv4 address.
 * - An address with `/tls/sni/<host>` is public only if that host is too, because js-libp2p's WebSockets connect to it.
 *
 * The result depends on the address alone.
 */
export function scopeOf (multiaddr: Multiaddr): Scope {
  const components = multiaddr.getComponents()
  const [first] = components
  const { code, value = '' } = (first?.code === CODE_IP6ZONE ? components[1] : first) ?? {}

  if (code === CODE_MEMORY || code === CODE_UNIX) {
    return 'loopback'
  }

  // shortcut for most addresses: computing their destinations takes ten times as long
  if ((code === CODE_IP4 || code === CODE_IP6) && !components.some(({ code }) => code === CODE_SNI)) {
    return scopeOfLiteral(value, code === CODE_IP4 ? 4 : 6)
  }

  const scopes = destinationsOf(multiaddr).map(({ ip, name }) => ip == null ? scopeOfName(name) : scopeOfIp(ip))

  return scopes.find(scope => scope !== 'public' && scope !== 'name') ?? scopes.find(scope => scope === 'name') ?? scopes[0] ?? 'none'
}

/** A range with its leading bits as a number, 32 for IPv4 and 16 for IPv6: parsing whole addresses would be most of the cost */
interface Entry extends Pick<Range, 'scope'> {
  readonly net: IpNet
  /** The length of the prefix, in bits */
  readonly length: number
  readonly leading: number
  readonly mask: number
}

/** The ranges of a family by the first octet of an address, longest prefix first. Most octets have a single range */
type Table = readonly Entry[][]

const IPV4 = table(IPV4_RANGES, 4)
const IPV6 = table(IPV6_RANGES, 2)

function table (ranges: readonly Range[], octets: 2 | 4): Table {
  const longestFirst = ranges
    .map(({ cidr, scope }): Entry => {
      const net = new IpNet(cidr)

      return { scope, net, length: Number(cidr.split('/')[1]), leading: numberOf(net.network, octets), mask: numberOf(net.mask, octets) }
    })
    .toSorted((a, b) => b.length - a.length)

  return Array.from({ length: 256 }, (_, octet) => {
    const within = longestFirst.filter(({ net }) => (octet & Number(net.mask[0])) === (Number(net.network[0]) & Number(net.mask[0])))
    const whole = within.findIndex(({ length }) => length <= 8)

    return within.slice(0, whole + 1)
  })
}

/** Returns the first octets of an IP address as a 32-bit number */
function numberOf (ip: Uint8Array, octets: number): number {
  return ip.subarray(0, octets).reduce((number, octet) => (number << 8) | octet, 0)
}

/** Returns the scope of an IP address in the spelling of a multiaddr */
export function scopeOfLiteral (ip: string, family: 4 | 6): Scope {
  const leading = family === 4 ? parseIp4(ip) : Number.parseInt(ip, 16)
  const scope = leading == null ? undefined : scopeOfLeading(family === 4 ? IPV4 : IPV6, leading, family === 4 ? 32 : 16)

  if (scope != null) {
    return scope
  }

  try {
    return scopeOfIp(parseCidr(`${ip}/${family === 4 ? 32 : 128}`).network)
  } catch {
    return 'reserved'
  }
}

/** Returns the scope by the leading bits of an address. Undefined: these bits do not decide, or are not a number */
function scopeOfLeading (table: Table, leading: number, bits: 16 | 32): Scope | undefined {
  for (const entry of table[leading >>> (bits - 8)] ?? []) {
    if ((leading & entry.mask) === entry.leading) {
      return entry.length <= bits && typeof entry.scope === 'string' && !Number.isNaN(leading) ? entry.scope : undefined
    }
  }
}

function scopeOfIp (ip: Uint8Array): Scope {
  const table = ip.length === 4 ? IPV4 : IPV6
  const scope = table[Number(ip[0])]?.find(({ net }) => net.contains(ip))?.scope ?? 'reserved'

  if (typeof scope === 'string') {
    return scope
  }

  return scope
    .map(({ at, isInverted }) => scopeOfIp(ip.slice(at, at + 4).map(octet => isInverted === true ? 255 - octet : octet)))
    .find(scope => scope !== 'public') ?? 'public'
}

export function scopeOfName (name: string): Scope {
  // a socket without a host connects to this machine
  if (name === '') {
    return 'loopback'
  }

  const labels = name.split('.')
  const special = NAME_SCOPES.get(labels.at(-1) ?? '') ?? NAME_SCOPES.get(labels.slice(-2).join('.'))

  // a single label is resolved with the search list of the local network
  return special ?? (labels.length === 1 ? 'private' : 'name')
}
