import { IpNet, parseCidr } from '@chainsafe/netmask'
import { CODE_IP4, CODE_IP6, CODE_IP6ZONE, CODE_MEMORY, CODE_SNI, CODE_UNIX } from '@multiformats/multiaddr'
import { destinationsOf } from './destinations.ts'
import { parseIp4 } from './ip.ts'
import { IPV4_RANGES, IPV6_RANGES, NAME_SCOPES } from './scope-ranges.ts'
import type { Range, Scope } from './scope-ranges.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * Says how far away an address is; never throws. Of a relayed address that is said of the relay: where the relay finds
 * the peer is for the relay to know. A literal in a name is judged as the IP address that a resolver or a browser makes of
 * it, an IPv6 address that carries an IPv4 address by that, and a name of AutoTLS by the IP address in it. An address with
 * `/tls/sni/<host>` is judged by that host too, because js-libp2p's WebSockets connect there: public is only what both are.
 * Pure: the same address always has the same scope.
 */
export function scopeOf (multiaddr: Multiaddr): Scope {
  const components = multiaddr.getComponents()
  const [first] = components
  const { code, value = '' } = (first?.code === CODE_IP6ZONE ? components[1] : first) ?? {}

  if (code === CODE_MEMORY || code === CODE_UNIX) {
    return 'loopback'
  }

  // what most addresses are: their destinations take ten times as long
  if ((code === CODE_IP4 || code === CODE_IP6) && !components.some(({ code }) => code === CODE_SNI)) {
    return scopeOfLiteral(value, code === CODE_IP4 ? 4 : 6)
  }

  const scopes = destinationsOf(multiaddr).map(({ ip, name }) => ip == null ? scopeOfName(name) : scopeOfIp(ip))

  return scopes.find(scope => scope !== 'public' && scope !== 'name') ?? scopes.find(scope => scope === 'name') ?? scopes[0] ?? 'none'
}

/** A range of addresses, and the first 32 bits of those of IPv4, 16 of those of IPv6, as a number: parsing an address is most of the cost */
interface Entry extends Pick<Range, 'scope'> {
  readonly net: IpNet
  /** In bits */
  readonly length: number
  readonly leading: number
  readonly mask: number
}

/** The ranges of a family by the first octet of an address, longest prefix first: most octets have a single one */
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

/** The first octets of an IP address as a number of 32 bits */
function numberOf (ip: Uint8Array, octets: number): number {
  return ip.subarray(0, octets).reduce((number, octet) => (number << 8) | octet, 0)
}

/** Says how far away an IP address is, in the spelling of a multiaddr */
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

/** Says it by the first bits of an address. Undefined: they are not enough, or no number */
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
  // a socket without a host is connected to this machine
  if (name === '') {
    return 'loopback'
  }

  const labels = name.split('.')
  const special = NAME_SCOPES.get(labels.at(-1) ?? '') ?? NAME_SCOPES.get(labels.slice(-2).join('.'))

  // a single label is looked up where the network's own search list says
  return special ?? (labels.length === 1 ? 'private' : 'name')
}
