/** The position of an IPv4 address inside an IPv6 address: the offset of its first byte, and whether its bits are inverted */
export interface Embedded {
  readonly at: number
  readonly isInverted?: true
}

export interface Range {
  readonly cidr: string
  /** The scope, or the positions of IPv4 addresses of which the first non-public one decides */
  readonly scope: Scope | readonly Embedded[]
  readonly name: string
  readonly source: string
}

/**
 * The address space by purpose: every entry of IANA's IPv4 and IPv6 special-purpose address registries (both of 2025-10-09), multicast, and the rest.
 * The longest matching prefix decides.
 *
 * Services and identifiers that no peer can have count as reserved, even if the registries call them globally reachable. Benchmarking ranges count as
 * private, because hosts of a laboratory do have such addresses.
 */
export const IPV4_RANGES: readonly Range[] = [
  { cidr: '0.0.0.0/0', scope: 'public', name: 'Unicast', source: 'RFC 791' },
  { cidr: '0.0.0.0/8', scope: 'reserved', name: 'This network', source: 'RFC 791, section 3.2' },
  { cidr: '0.0.0.0/32', scope: 'unspecified', name: 'This host on this network', source: 'RFC 1122, section 3.2.1.3' },
  { cidr: '10.0.0.0/8', scope: 'private', name: 'Private-Use', source: 'RFC 1918' },
  { cidr: '100.64.0.0/10', scope: 'private', name: 'Shared Address Space', source: 'RFC 6598' },
  { cidr: '127.0.0.0/8', scope: 'loopback', name: 'Loopback', source: 'RFC 1122, section 3.2.1.3' },
  { cidr: '169.254.0.0/16', scope: 'link-local', name: 'Link Local', source: 'RFC 3927' },
  { cidr: '172.16.0.0/12', scope: 'private', name: 'Private-Use', source: 'RFC 1918' },
  { cidr: '192.0.0.0/24', scope: 'reserved', name: 'IETF Protocol Assignments', source: 'RFC 6890, section 2.1' },
  { cidr: '192.0.0.0/29', scope: 'reserved', name: 'IPv4 Service Continuity Prefix', source: 'RFC 7335' },
  { cidr: '192.0.0.8/32', scope: 'reserved', name: 'IPv4 dummy address', source: 'RFC 7600' },
  { cidr: '192.0.0.9/32', scope: 'reserved', name: 'Port Control Protocol Anycast', source: 'RFC 7723' },
  { cidr: '192.0.0.10/32', scope: 'reserved', name: 'Traversal Using Relays around NAT Anycast', source: 'RFC 8155' },
  { cidr: '192.0.0.170/32', scope: 'reserved', name: 'NAT64/DNS64 Discovery', source: 'RFC 8880, RFC 7050' },
  { cidr: '192.0.0.171/32', scope: 'reserved', name: 'NAT64/DNS64 Discovery', source: 'RFC 8880, RFC 7050' },
  { cidr: '192.0.2.0/24', scope: 'reserved', name: 'Documentation (TEST-NET-1)', source: 'RFC 5737' },
  { cidr: '192.31.196.0/24', scope: 'reserved', name: 'AS112-v4', source: 'RFC 7535' },
  { cidr: '192.52.193.0/24', scope: 'reserved', name: 'AMT', source: 'RFC 7450' },
  { cidr: '192.88.99.0/24', scope: 'reserved', name: 'Deprecated (6to4 Relay Anycast)', source: 'RFC 7526' },
  { cidr: '192.88.99.2/32', scope: 'reserved', name: '6a44-relay anycast address', source: 'RFC 6751' },
  { cidr: '192.168.0.0/16', scope: 'private', name: 'Private-Use', source: 'RFC 1918' },
  { cidr: '192.175.48.0/24', scope: 'reserved', name: 'Direct Delegation AS112 Service', source: 'RFC 7534' },
  { cidr: '198.18.0.0/15', scope: 'private', name: 'Benchmarking', source: 'RFC 2544' },
  { cidr: '198.51.100.0/24', scope: 'reserved', name: 'Documentation (TEST-NET-2)', source: 'RFC 5737' },
  { cidr: '203.0.113.0/24', scope: 'reserved', name: 'Documentation (TEST-NET-3)', source: 'RFC 5737' },
  { cidr: '224.0.0.0/4', scope: 'multicast', name: 'Multicast', source: 'RFC 5771' },
  { cidr: '240.0.0.0/4', scope: 'reserved', name: 'Reserved', source: 'RFC 1112, section 4' },
  { cidr: '255.255.255.255/32', scope: 'reserved', name: 'Limited Broadcast', source: 'RFC 8190, RFC 919, section 7' }
]

export const IPV6_RANGES: readonly Range[] = [
  { cidr: '::/0', scope: 'reserved', name: 'Not allocated', source: 'IANA, Internet Protocol Version 6 Address Space' },
  { cidr: '2000::/3', scope: 'public', name: 'Global Unicast', source: 'IANA, Internet Protocol Version 6 Address Space' },
  { cidr: '::/96', scope: [{ at: 12 }], name: 'IPv4-compatible, deprecated', source: 'RFC 4291, section 2.5.5.1' },
  { cidr: '::/128', scope: 'unspecified', name: 'Unspecified Address', source: 'RFC 4291' },
  { cidr: '::1/128', scope: 'loopback', name: 'Loopback Address', source: 'RFC 4291' },
  { cidr: '::ffff:0:0/96', scope: [{ at: 12 }], name: 'IPv4-mapped Address', source: 'RFC 4291' },
  { cidr: '64:ff9b::/96', scope: [{ at: 12 }], name: 'IPv4-IPv6 Translation', source: 'RFC 6052' },
  // each network chooses the position of the IPv4 address, and no other network can reach it
  { cidr: '64:ff9b:1::/48', scope: 'private', name: 'IPv4-IPv6 Translation of local use', source: 'RFC 8215' },
  { cidr: '100::/64', scope: 'reserved', name: 'Discard-Only Address Block', source: 'RFC 6666' },
  { cidr: '100:0:0:1::/64', scope: 'reserved', name: 'Dummy IPv6 Prefix', source: 'RFC 9780' },
  { cidr: '2001::/23', scope: 'reserved', name: 'IETF Protocol Assignments', source: 'RFC 2928' },
  // the client behind its NAT, and the server that opens the NAT
  { cidr: '2001::/32', scope: [{ at: 12, isInverted: true }, { at: 4 }], name: 'TEREDO', source: 'RFC 4380, section 4, RFC 8190' },
  { cidr: '2001:1::1/128', scope: 'reserved', name: 'Port Control Protocol Anycast', source: 'RFC 7723' },
  { cidr: '2001:1::2/128', scope: 'reserved', name: 'Traversal Using Relays around NAT Anycast', source: 'RFC 8155' },
  { cidr: '2001:1::3/128', scope: 'reserved', name: 'DNS-SD Service Registration Protocol Anycast', source: 'RFC 9665' },
  { cidr: '2001:2::/48', scope: 'private', name: 'Benchmarking', source: 'RFC 5180, erratum 1752' },
  { cidr: '2001:3::/32', scope: 'reserved', name: 'AMT', source: 'RFC 7450' },
  { cidr: '2001:4:112::/48', scope: 'reserved', name: 'AS112-v6', source: 'RFC 7535' },
  { cidr: '2001:10::/28', scope: 'reserved', name: 'Deprecated (previously ORCHID)', source: 'RFC 4843' },
  { cidr: '2001:20::/28', scope: 'reserved', name: 'ORCHIDv2', source: 'RFC 7343' },
  { cidr: '2001:30::/28', scope: 'reserved', name: 'Drone Remote ID Protocol Entity Tags', source: 'RFC 9374' },
  { cidr: '2001:db8::/32', scope: 'reserved', name: 'Documentation', source: 'RFC 3849' },
  { cidr: '2002::/16', scope: [{ at: 2 }], name: '6to4', source: 'RFC 3056' },
  { cidr: '2620:4f:8000::/48', scope: 'reserved', name: 'Direct Delegation AS112 Service', source: 'RFC 7534' },
  { cidr: '3fff::/20', scope: 'reserved', name: 'Documentation', source: 'RFC 9637' },
  { cidr: '5f00::/16', scope: 'reserved', name: 'Segment Routing (SRv6) SIDs', source: 'RFC 9602' },
  { cidr: 'fc00::/7', scope: 'private', name: 'Unique-Local', source: 'RFC 4193, RFC 8190' },
  { cidr: 'fe80::/10', scope: 'link-local', name: 'Link-Local Unicast', source: 'RFC 4291' },
  { cidr: 'fec0::/10', scope: 'private', name: 'Site-Local Unicast, deprecated', source: 'RFC 3879' },
  { cidr: 'ff00::/8', scope: 'multicast', name: 'Multicast', source: 'RFC 4291, section 2.7' }
]

/**
 * The last labels of names that are not in the DNS of the internet: IANA's top-level special-use domain names (RFC 6761, 6762, 7686, 9476), home.arpa
 * (RFC 8375), internal (ICANN board, 29 July 2024), and those that RFC 6762, appendix G, lists as used on private networks.
 */
export const NAME_SCOPES: ReadonlyMap<string, Scope> = new Map<string, Scope>([
  ['localhost', 'loopback'],
  ['local', 'link-local'],
  ['home.arpa', 'private'],
  ['internal', 'private'],
  ['intranet', 'private'],
  ['private', 'private'],
  ['corp', 'private'],
  ['home', 'private'],
  ['lan', 'private'],
  ['alt', 'reserved'],
  ['example', 'reserved'],
  ['invalid', 'reserved'],
  ['test', 'reserved'],
  ['onion', 'none']
])

/**
 * The scope of the first hop of an address:
 * - `public`: an IP address that a host of the internet can have
 * - `private`: of a private network, or a name that only a private network resolves
 * - `loopback`: this machine, including localhost, memory and unix addresses
 * - `link-local`: the network segment of this machine. It cannot be dialled without a zone
 * - `multicast`, `unspecified`, and `reserved` for anything else: no peer can have it
 * - `name`: an unresolved DNS name
 * - `none`: neither an IP address nor a name: onion, WebRTC, a relay by its peer id
 */
export type Scope = 'public' | 'private' | 'loopback' | 'link-local' | 'multicast' | 'unspecified' | 'reserved' | 'name' | 'none'

/** Returns a noun phrase for an address of a scope, for the reason of a drop */
export function scopeInWords (scope: Scope): string {
  return `${scope === 'unspecified' ? 'an' : 'a'} ${scope} address`
}
