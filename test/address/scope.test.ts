import { fc, testProp } from '@fast-check/ava'
import { isLoopback, isPrivate } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { scopeOf } from '../../src/address/scope.ts'
import { address } from '../stages/addresses.ts'
import { dose } from '../support/dose.ts'
import type { Scope } from '../../src/address/scope-ranges.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

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
  '/': 'none',

  // a WebSocket connects to the name after sni
  '/ip4/8.8.8.8/tcp/443/tls/sni/127.0.0.1/ws': 'loopback',
  '/ip4/8.8.8.8/tcp/443/tls/sni/192.168.1.1/ws': 'private',
  '/ip4/8.8.8.8/tcp/443/tls/sni/localhost/ws': 'loopback',
  '/ip4/8.8.8.8/tcp/443/tls/sni/[::ffff:10.0.0.1]/ws': 'private',
  '/ip4/8.8.8.8/tcp/443/tls/sni/names.example.com/ws': 'name',
  '/ip4/8.8.8.8/tcp/443/tls/sni/9.9.9.9/ws': 'public',
  '/ip4/192.168.1.1/tcp/443/tls/sni/names.example.com/ws': 'private',
  '/dns4/names.example.com/tcp/443/tls/sni/9.9.9.9/ws': 'name',
  '/dns4/names.example.com/tcp/443/tls/sni/127.1/ws': 'loopback',
  '/ip4/8.8.8.8/tcp/443/tls/sni/8-8-8-8.k51q.libp2p.direct/ws': 'public',
  '/ip4/8.8.8.8/tcp/443/tls/sni/10-0-0-1.k51q.libp2p.direct/ws': 'private',
  '/ip4/8.8.8.8/tcp/443/tls/sni/*.k51q.libp2p.direct/ws': 'name'
}

for (const [address, scope] of Object.entries(ADDRESSES)) {
  test(`the scope of ${address} is ${scope}`, t => {
    t.is(scopeOf(multiaddr(address)), scope)
  })
}

test('the scope of an empty name is loopback', t => {
  t.is(scopeOf(multiaddr([{ code: 54, name: 'dns4' }, { code: 6, name: 'tcp', value: '1' }])), 'loopback')
})

testProp('scopeOf() calls no address public that @libp2p/utils calls private or loopback', [address], (t, address) => {
  t.false((isPrivate(address) || isLoopback(address)) && scopeOf(address) === 'public', address.toString())
}, { numRuns: dose(5_000) })

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
