import test from 'ava'
import { fc, testProp } from '@fast-check/ava'
import { isLoopback, isPrivate } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { IPV4_RANGES, IPV6_RANGES } from '../../src/address/scope-ranges.ts'
import { scopeOf } from '../../src/address/scope.ts'
import { address } from '../stages/addresses.ts'
import { dose } from '../support/dose.ts'
import type { Scope } from '../../src/address/scope-ranges.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Blocks of IANA's registries, and other blocks that are not public unicast */
const REGISTERED: Record<string, Scope | 'embedded'> = {
  '0.0.0.0/0': 'public',
  '0.0.0.0/8': 'reserved',
  '0.0.0.0/32': 'unspecified',
  '10.0.0.0/8': 'private',
  '100.64.0.0/10': 'private',
  '127.0.0.0/8': 'loopback',
  '169.254.0.0/16': 'link-local',
  '172.16.0.0/12': 'private',
  '192.0.0.0/24': 'reserved',
  '192.0.0.0/29': 'reserved',
  '192.0.0.8/32': 'reserved',
  '192.0.0.9/32': 'reserved',
  '192.0.0.10/32': 'reserved',
  '192.0.0.170/32': 'reserved',
  '192.0.0.171/32': 'reserved',
  '192.0.2.0/24': 'reserved',
  '192.31.196.0/24': 'reserved',
  '192.52.193.0/24': 'reserved',
  '192.88.99.0/24': 'reserved',
  '192.88.99.2/32': 'reserved',
  '192.168.0.0/16': 'private',
  '192.175.48.0/24': 'reserved',
  '198.18.0.0/15': 'private',
  '198.51.100.0/24': 'reserved',
  '203.0.113.0/24': 'reserved',
  '224.0.0.0/4': 'multicast',
  '240.0.0.0/4': 'reserved',
  '255.255.255.255/32': 'reserved',

  '::/0': 'reserved',
  '2000::/3': 'public',
  '::/96': 'embedded',
  '::/128': 'unspecified',
  '::1/128': 'loopback',
  '::ffff:0:0/96': 'embedded',
  '64:ff9b::/96': 'embedded',
  '64:ff9b:1::/48': 'private',
  '100::/64': 'reserved',
  '100:0:0:1::/64': 'reserved',
  '2001::/23': 'reserved',
  '2001::/32': 'embedded',
  '2001:1::1/128': 'reserved',
  '2001:1::2/128': 'reserved',
  '2001:1::3/128': 'reserved',
  '2001:2::/48': 'private',
  '2001:3::/32': 'reserved',
  '2001:4:112::/48': 'reserved',
  '2001:10::/28': 'reserved',
  '2001:20::/28': 'reserved',
  '2001:30::/28': 'reserved',
  '2001:db8::/32': 'reserved',
  '2002::/16': 'embedded',
  '2620:4f:8000::/48': 'reserved',
  '3fff::/20': 'reserved',
  '5f00::/16': 'reserved',
  'fc00::/7': 'private',
  'fe80::/10': 'link-local',
  'fec0::/10': 'private',
  'ff00::/8': 'multicast'
}

interface Block {
  cidr: string
  bits: 32 | 128
  first: bigint
  last: bigint
  scope: Scope | 'embedded'
}

const blocks = Object.entries(REGISTERED).map(([cidr, scope]): Block => {
  const [base = '', length] = cidr.split('/')
  const bits = base.includes(':') ? 128 : 32
  const size = 2n ** BigInt(bits - Number(length))
  const first = numberOf(multiaddr(`/ip${bits === 32 ? 4 : 6}/${base}`).bytes.subarray(1))

  return { cidr, bits, first, last: first + size - 1n, scope }
})

test('the ranges are those of the IANA registries, each with a name and a source', t => {
  const ranges = [...IPV4_RANGES, ...IPV6_RANGES]

  t.deepEqual(ranges.map(({ cidr }) => cidr).toSorted(), Object.keys(REGISTERED).toSorted())

  for (const { cidr, name, source } of ranges) {
    t.regex(source, /^(RFC \d+|IANA)/, cidr)
    t.not(name, '')
  }
})

for (const block of blocks.filter(({ scope }) => scope !== 'embedded')) {
  test(`${block.cidr}: the first and last address and their neighbours have the scope of the narrowest range`, t => {
    const limit = 2n ** BigInt(block.bits) - 1n

    for (const ip of [block.first, block.last, block.first - 1n, block.last + 1n].filter(ip => ip >= 0n && ip <= limit && narrowest(ip, block.bits) !== 'embedded')) {
      t.is<string, string>(scopeOfNumber(ip, block.bits), narrowest(ip, block.bits), written(ip, block.bits))
    }
  })
}

const inABlock = fc.constantFrom(...blocks).chain(block => fc.bigInt(block.first, block.last).map(ip => ({ ip, bits: block.bits })))

const embeddingNone = inABlock.filter(({ ip, bits }) => narrowest(ip, bits) !== 'embedded')

testProp('every address that embeds no IPv4 address has the scope of the narrowest range that contains it', [embeddingNone], (t, { ip, bits }) => {
  t.is<string, string>(scopeOfNumber(ip, bits), narrowest(ip, bits), written(ip, bits))
}, { numRuns: dose(20_000) })

const ip4 = fc.oneof(fc.bigInt(0n, 2n ** 32n - 1n), inABlock.filter(({ bits }) => bits === 32).map(({ ip }) => ip))

testProp('an address that embeds an IPv4 address has that one\'s scope', [ip4, fc.bigInt(0n, 2n ** 80n - 1n)], (t, ip, rest) => {
  const expected = scopeOfNumber(ip, 32)

  for (const prefix of ['::ffff:0:0', '64:ff9b::']) {
    t.is(scopeOfNumber(number6(prefix) + ip, 128), expected)
  }

  // :: and ::1 do not embed IPv4 addresses
  t.is(scopeOfNumber(ip, 128), ip === 0n ? 'unspecified' : ip === 1n ? 'loopback' : expected)
  t.is(scopeOfNumber(number6('2002::') + (ip << 80n) + rest, 128), expected)
}, { numRuns: dose(5_000) })

testProp('a Teredo address has the scope of its client, and of its server when the client is public', [ip4, ip4, fc.bigInt(0n, 2n ** 32n - 1n)], (t, client, server, flags) => {
  const teredo = number6('2001::') + (server << 64n) + (flags << 32n) + (client ^ 0xffffffffn)
  const expected = scopeOfNumber(client, 32)

  t.is(scopeOfNumber(teredo, 128), expected === 'public' ? scopeOfNumber(server, 32) : expected)
}, { numRuns: dose(5_000) })

testProp('scopeOf() calls no address public that @libp2p/utils calls private or loopback', [address], (t, address) => {
  t.false((isPrivate(address) || isLoopback(address)) && scopeOf(address) === 'public', address.toString())
}, { numRuns: dose(5_000) })

testProp('an IPv4 address written as a name has its own scope, in decimal, octal or hex', [ip4], (t, ip) => {
  const expected = scopeOfNumber(ip, 32)
  const [a, b, c, d] = written(ip, 32).split('.').map(Number) as [number, number, number, number]

  for (const literal of [
    `${a}.${b}.${c}.${d}`,
    `${a}.${b}.${c}.${d}.`,
    `0${a.toString(8)}.0${b.toString(8)}.0${c.toString(8)}.0${d.toString(8)}`,
    `0x${a.toString(16)}.0X${b.toString(16)}.${c}.${d}`,
    `0x${ip.toString(16)}`,
    `${ip}`,
    `${a}.${(b << 16) + (c << 8) + d}`,
    `${a}.${b}.${(c << 8) + d}`
  ]) {
    t.is(scopeOf(multiaddr(`/dns4/${literal}/tcp/1`)), expected, literal)
  }
}, { numRuns: dose(1_000) })

testProp('an IPv6 address written as a name has its own scope', [inABlock.filter(({ bits }) => bits === 128)], (t, { ip }) => {
  const literal = written(ip, 128)
  const expected = scopeOfNumber(ip, 128)

  for (const name of [literal, literal.toUpperCase(), `[${literal}]`, `${literal}%eth0`, `[${literal}%25eth0]`]) {
    t.is(scopeOf(multiaddr(`/dns6/${name}/tcp/1`)), expected, name)
  }
}, { numRuns: dose(1_000) })

const ADDRESSES: Record<string, Scope> = {
  '/ip4/1.2.3.4/tcp/1': 'public',
  '/ip6/2a00:1450::1/udp/1/quic-v1': 'public',
  '/ip6/2001:41d0::1/tcp/1': 'public',
  '/ip4/169.254.169.254/tcp/80': 'link-local',
  '/ip6zone/eth0/ip6/fe80::1/tcp/1': 'link-local',
  '/ip6zone/lo/ip6/::1/tcp/1': 'loopback',
  '/ip6zone/eth0': 'none',

  // a filter for private addresses alone would pass each of these
  '/ip6/::7f00:1/tcp/1': 'loopback',
  '/ip6/64:ff9b::a00:1/tcp/1': 'private',
  '/ip6/64:ff9b:1::a00:1/tcp/1': 'private',
  '/ip6/fec0::1/tcp/1': 'private',
  '/ip4/224.0.0.1/udp/1': 'multicast',
  '/ip4/0.0.0.0/tcp/1': 'unspecified',
  '/ip6/::/tcp/1': 'unspecified',
  '/dns4/127.0.0.1/tcp/1': 'loopback',
  '/dns6/::1/tcp/1': 'loopback',
  '/dns6/::ffff:10.0.0.1/tcp/1': 'private',
  '/dns/0x7f.1/tcp/1': 'loopback',
  '/dns4/１２７.0.0.1/tcp/1': 'loopback',
  '/dns4/%31%32%37.0.0.1/tcp/1': 'loopback',
  '/dns4/someone@127.0.0.1/tcp/1': 'name',
  '/dns4/127.0.0.1:80/tcp/1': 'loopback',
  '/dns4/LOCALHOST/tcp/1': 'loopback',
  '/dns4/localhost./tcp/1': 'loopback',
  '/dns4/a.LocalHost/tcp/1': 'loopback',
  '/dns4/a.b.localhost../tcp/1': 'loopback',
  '/dns4/a b.localhost/tcp/1': 'loopback',
  '/dns4/127.0.0.1../tcp/1': 'loopback',

  '/dns4/example.com/tcp/1': 'name',
  '/dnsaddr/bootstrap.libp2p.io': 'name',
  '/dns/localhost.example.com/tcp/1': 'name',
  '/dns/notlocalhost.com/tcp/1': 'name',
  '/dns/bücher.de/tcp/1': 'name',
  '/dns/256.1.1.1/tcp/1': 'name',
  '/dns/1.2.3.4.5/tcp/1': 'name',
  '/dns/printer.local/tcp/1': 'link-local',
  '/dns/db.corp.internal/tcp/1': 'private',
  '/dns/nas.home.arpa/tcp/1': 'private',
  '/dns/router/tcp/1': 'private',
  '/dns/a router/tcp/1': 'private',
  '/dns/peer.test/tcp/1': 'reserved',
  '/dns/abc.onion/tcp/1': 'none',

  // the AutoTLS servers answer only with the IP address in the name
  '/dns4/8-8-8-8.k51q.libp2p.direct/tcp/443/tls/ws': 'public',
  '/dns6/2a00-1450-0-0--1.k51q.libp2p.direct/tcp/443/tls/ws': 'public',
  '/dns4/10-0-0-1.k51q.libp2p.direct/tcp/443/tls/ws': 'private',
  '/dns4/127-0-0-1.K51Q.LibP2P.direct./tcp/443/tls/ws': 'loopback',
  '/dns4/8-8-8-8.libp2p.direct/tcp/443/tls/ws': 'name',

  '/ip4/10.0.0.1/tcp/1/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC/p2p-circuit': 'private',
  '/ip4/1.2.3.4/tcp/1/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC/p2p-circuit/ip4/10.0.0.1/tcp/1': 'public',
  '/ip4/1.2.3.4/tcp/1/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC/p2p-circuit/tls/sni/localhost/ws': 'public',
  '/ip4/1.2.3.4/udp/1/webrtc-direct': 'public',
  '/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC/p2p-circuit': 'none',
  '/p2p-circuit/webrtc': 'none',
  '/webrtc': 'none',
  '/memory/a': 'loopback',
  '/unix/a%2Fb': 'loopback',
  '/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:1234': 'none',
  '/': 'none'
}

for (const [address, scope] of Object.entries(ADDRESSES)) {
  test(`the scope of ${address} is ${scope}`, t => {
    t.is(scopeOf(multiaddr(address)), scope)
  })
}

test('the scope of an empty name is loopback', t => {
  t.is(scopeOf(multiaddr([{ code: 54, name: 'dns4' }, { code: 6, name: 'tcp', value: '1' }])), 'loopback')
})

test('multiaddr() throws for IP literals in odd forms', t => {
  for (const literal of ['010.0.0.1', '0x7f.1', '127.1', '2130706433', '127.0.0.1.', '::1']) {
    t.throws(() => multiaddr(`/ip4/${literal}/tcp/1`), undefined, literal)
  }
})

testProp('scopeOf() returns a scope for any name and any bytes', [fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 30 })], (t, name, bytes) => {
  t.regex(scopeOf(multiaddr([{ code: 54, name: 'dns4', value: name }])), /^[a-z-]+$/)

  const address = parsed(bytes) ?? parsed(Uint8Array.from([54, name.length, ...new TextEncoder().encode(name)]))

  if (address != null) {
    t.regex(scopeOf(address), /^[a-z-]+$/)
  }
}, { numRuns: dose(5_000) })

function parsed (bytes: Uint8Array): Multiaddr | undefined {
  try {
    return multiaddr(bytes)
  } catch {}
}

function narrowest (ip: bigint, bits: 32 | 128): Scope | 'embedded' {
  const [within] = blocks
    .filter(block => block.bits === bits && block.first <= ip && ip <= block.last)
    .toSorted((a, b) => Number(a.last - a.first) - Number(b.last - b.first))

  return within?.scope ?? 'reserved'
}

function scopeOfNumber (ip: bigint, bits: 32 | 128): Scope {
  return scopeOf(multiaddr(`/ip${bits === 32 ? 4 : 6}/${written(ip, bits)}/tcp/1`))
}

function written (ip: bigint, bits: 32 | 128): string {
  return bits === 32
    ? [24n, 16n, 8n, 0n].map(shift => (ip >> shift) & 0xffn).join('.')
    : ip.toString(16).padStart(32, '0').replace(/(.{4})(?=.)/g, '$1:')
}

function number6 (base: string): bigint {
  return numberOf(multiaddr(`/ip6/${base}`).bytes.subarray(1))
}

function numberOf (bytes: Uint8Array): bigint {
  return bytes.reduce((number, byte) => (number << 8n) + BigInt(byte), 0n)
}

for (const [address, scope] of [
  ['/ip4/8.8.8.8/tcp/443/tls/sni/127.0.0.1/ws', 'loopback'],
  ['/ip4/8.8.8.8/tcp/443/tls/sni/192.168.1.1/ws', 'private'],
  ['/ip4/8.8.8.8/tcp/443/tls/sni/localhost/ws', 'loopback'],
  ['/ip4/8.8.8.8/tcp/443/tls/sni/[::ffff:10.0.0.1]/ws', 'private'],
  ['/ip4/8.8.8.8/tcp/443/tls/sni/names.example.com/ws', 'name'],
  ['/ip4/8.8.8.8/tcp/443/tls/sni/9.9.9.9/ws', 'public'],
  ['/ip4/192.168.1.1/tcp/443/tls/sni/names.example.com/ws', 'private'],
  ['/dns4/names.example.com/tcp/443/tls/sni/9.9.9.9/ws', 'name'],
  ['/dns4/names.example.com/tcp/443/tls/sni/127.1/ws', 'loopback'],
  ['/ip4/8.8.8.8/tcp/443/tls/sni/8-8-8-8.k51q.libp2p.direct/ws', 'public'],
  ['/ip4/8.8.8.8/tcp/443/tls/sni/10-0-0-1.k51q.libp2p.direct/ws', 'private'],
  ['/ip4/8.8.8.8/tcp/443/tls/sni/*.k51q.libp2p.direct/ws', 'name']
] as const) {
  test(`${address} is ${scope}: WebSockets connect to the name after sni`, t => {
    t.is(scopeOf(multiaddr(address)), scope)
  })
}
