import test from 'ava'
import { testProp } from '@fast-check/ava'
import { isLoopback, isPrivate } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { Facts } from '../../src/address/facts.ts'
import { scopeOf } from '../../src/address/scope.ts'
import { shapeOf } from '../../src/address/shape.ts'
import { address } from '../stages/addresses.ts'
import { dose } from '../support/dose.ts'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'

function saysTheSame (t: ExecutionContext<any>, address: Multiaddr): void {
  const facts = new Facts(address)

  t.is(facts.isLoopback, isLoopback(address), address.toString())
  t.is(facts.isPrivate, isPrivate(address), address.toString())
  t.is(facts.scope, scopeOf(address), address.toString())
}

testProp('facts of any address agree with @libp2p/utils and scopeOf()', [address], (t, address) => {
  saysTheSame(t, address)
}, { numRuns: dose(5_000) })

test('facts agree with @libp2p/utils and scopeOf() for every first octet of IPv4', t => {
  for (let first = 0; first < 256; first++) {
    for (const rest of ['0.0.0', '0.0.1', '0.2.1', '0.113.1', '16.0.1', '18.0.1', '31.196.1', '51.100.1', '52.193.1', '64.0.1', '88.99.1', '168.1.1', '175.48.1', '254.0.1', '255.255.255']) {
      saysTheSame(t, multiaddr(`/ip4/${first}.${rest}/tcp/1`))
    }
  }
})

test('facts agree with @libp2p/utils and scopeOf() for every first octet of IPv6', t => {
  for (let first = 0; first < 256; first++) {
    for (const rest of ['00::1', '01::1', '02::1', '20:4f:8000::1', 'ff:fff:ffff::1', '01:db8::1', '01:20::1', '80:0:0:1::1']) {
      saysTheSame(t, multiaddr(`/ip6/${first.toString(16)}${rest}/tcp/1`))
    }
  }
})

for (const address of ['/dns4/names.example/tcp/1', '/dns/NAMES.example./tcp/1/ws', '/dnsaddr/n%61mes.example', '/dns6/ｎames.example/udp/1/quic-v1']) {
  test(`the host of ${address} is names.example`, t => {
    t.is(new Facts(multiaddr(address)).host, 'names.example')
  })
}

for (const [address, prefix] of [
  ['/ip4/8.8.4.4/tcp/1', '8.8.4'],
  ['/ip4/10.0.0.1/tcp/1', '10.0.0'],
  ['/ip6/2a00:1450:4001:82a::2/tcp/1', '42:0:20:80:64:1'],
  ['/ip6/2a00::1/tcp/1', '42:0:0:0:0:0'],
  ['/ip6/fd00:1::1/udp/1/quic-v1', '253:0:0:1:0:0'],
  ['/ip6/64:ff9b::1/tcp/1', '0:100:255:155:0:0'],
  ['/ip6/64:ff9b::808:404/tcp/1', '8.8.4'],
  ['/ip6/::ffff:8.8.4.4/tcp/1', '8.8.4'],
  ['/ip4/127.0.0.1/tcp/1', undefined],
  ['/dns4/names.example/tcp/1', undefined],
  ['/memory/1', undefined]
] as const) {
  test(`the prefix of ${address} is ${prefix}`, t => {
    t.is(new Facts(multiaddr(address)).prefix, prefix)
  })
}

test('the facts of an address are cached after addresses with thousands of other sequences of protocols', t => {
  const others = ['/tcp/1', '/udp/1', '/ws', '/tls', '/noise', '/quic-v1', '/http', '/webrtc']

  for (let n = 0; n < 2_000; n++) {
    shapeOf(multiaddr(`/ip4/1.2.3.4${Array.from(n.toString(8), digit => others[Number(digit)]).join('')}`))
  }

  const address = multiaddr('/ip6/2001:db8::1/udp/1/quic-v1/webtransport')
  t.is(shapeOf(address), shapeOf(address))
})
