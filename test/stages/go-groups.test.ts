import test from 'ava'
import { IpNet } from '@chainsafe/netmask'
import { multiaddr } from '@multiformats/multiaddr'
import { goTraits } from '../../src/stages/go-order.ts'
import { RELAY } from './on-list.ts'
import type { GoGroup } from '../../src/stages/go-order.ts'

/** First and last address of each range of the rules, and the addresses next to it */
const HOSTS: ReadonlyArray<readonly [GoGroup, readonly string[]]> = [
  ['private', [
    '/ip4/127.0.0.0', '/ip4/127.0.0.1', '/ip4/127.255.255.255',
    '/ip4/10.0.0.0', '/ip4/10.255.255.255',
    '/ip4/100.64.0.0', '/ip4/100.127.255.255',
    '/ip4/172.16.0.0', '/ip4/172.31.255.255',
    '/ip4/192.168.0.0', '/ip4/192.168.255.255',
    '/ip4/169.254.0.0', '/ip4/169.254.255.255',
    '/ip6/::1',
    '/ip6/fc00::', '/ip6/fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    '/ip6/fe80::', '/ip6/febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    '/ip6zone/eth0/ip6/fe80::1',
    '/dns/localhost', '/dns4/localhost', '/dns6/localhost', '/dnsaddr/localhost', '/dns4/a.localhost'
  ]],
  ['public', [
    '/ip4/126.255.255.255', '/ip4/128.0.0.0',
    '/ip4/9.255.255.255', '/ip4/11.0.0.0',
    '/ip4/100.63.255.255', '/ip4/100.128.0.0',
    '/ip4/172.15.255.255', '/ip4/172.32.0.0',
    '/ip4/192.167.255.255', '/ip4/192.169.0.0',
    '/ip4/169.253.255.255', '/ip4/169.255.0.0',
    '/ip6/::2',
    '/ip6/fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '/ip6/fe00::',
    '/ip6/fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '/ip6/fec0::',
    '/ip6zone/eth0/ip6/2a00::1',
    // the rules do not check whether an address is routable
    '/ip4/0.0.0.0', '/ip4/192.0.2.1', '/ip4/224.0.0.1', '/ip4/255.255.255.255', '/ip6/::', '/ip6/2001:db8::1', '/ip6/ff02::1',
    // an IPv6 address outside the IPv6 ranges of the rules
    '/ip6/::ffff:10.0.0.1', '/ip6/::ffff:127.0.0.1',
    // "private" depends on the leading component only
    '/dns4/example.com/tcp/1/ip4/10.0.0.1'
  ]],
  ['relay', [
    `/ip4/10.0.0.1/tcp/1/p2p/${RELAY}/p2p-circuit`,
    `/ip4/1.2.3.4/tcp/1/p2p/${RELAY}/p2p-circuit/ip4/10.0.0.1`,
    `/dns4/localhost/tcp/1/p2p/${RELAY}/p2p-circuit`,
    `/dns4/example.com/tcp/1/p2p/${RELAY}/p2p-circuit/webrtc`,
    `/p2p/${RELAY}/p2p-circuit`,
    '/p2p-circuit'
  ]],
  ['rest', [
    '/dns4/example.com', '/dns6/example.com', '/dnsaddr/example.com', '/dns4/localhost.com', '/dns4/mylocalhost',
    '/memory/localhost', '/unix/localhost',
    `/p2p/${RELAY}`
  ]]
]

for (const [group, hosts] of HOSTS) {
  for (const host of hosts) {
    test(`${host} is in go's group "${group}"`, t => {
      t.is(goTraits(multiaddr(host)).group, group)
      t.is(goTraits(multiaddr(`${host}/p2p/${RELAY}`)).group, group)
    })
  }
}

test('IpNet.contains() is false for an address of the other IP version', t => {
  // 0a00:0001:… starts with the octets of 10.0.0.1, and ::a00:1 ends with them
  for (const address of ['a00:1::', '::a00:1', '::ffff:a00:1']) {
    t.false(new IpNet('10.0.0.0/8').contains(address))
  }

  // 252.0.0.1 starts with the octet of fc00::/7, and 0.0.0.1 ends like ::1
  t.false(new IpNet('fc00::/7').contains('252.0.0.1'))
  t.false(new IpNet('::1/128').contains('0.0.0.1'))
})

/** Scores of the rules: 2^19 WebTransport, 2^17 draft-29, 0 QUIC v1, 2^20 TCP, and 2^18 for IPv4, plus the port */
const SCORES: ReadonlyArray<readonly [string, number]> = [
  ['/ip6/2a00::1/udp/4001/quic-v1', 4_001],
  ['/ip4/1.2.3.4/udp/4001/quic-v1', 262_144 + 4_001],
  ['/ip6/2a00::1/udp/4001/quic', 131_072 + 4_001],
  ['/ip4/1.2.3.4/udp/4001/quic', 131_072 + 262_144 + 4_001],
  ['/ip6/2a00::1/udp/4001/quic-v1/webtransport', 524_288 + 4_001],
  ['/ip4/1.2.3.4/udp/4001/quic-v1/webtransport', 524_288 + 262_144 + 4_001],
  ['/ip6/2a00::1/tcp/4001', 1_048_576 + 4_001],
  ['/ip4/1.2.3.4/tcp/4001', 1_048_576 + 262_144 + 4_001],
  ['/ip4/1.2.3.4/tcp/4001/ws', 1_048_576 + 262_144 + 4_001],
  ['/ip4/1.2.3.4/tcp/443/tls/sni/example.com/ws', 1_048_576 + 262_144 + 443],
  // the first matching transport decides: /webtransport before /quic before /quic-v1 before /tcp before /webrtc-direct
  ['/ip4/1.2.3.4/tcp/9/udp/7/quic-v1', 262_144 + 7],
  ['/ip4/1.2.3.4/tcp/9/udp/7/webrtc-direct', 1_048_576 + 262_144 + 9],
  ['/ip6/2a00::1/udp/4001/webrtc-direct', 2_097_152],
  ['/ip4/1.2.3.4/udp/4001/webrtc-direct', 2_097_152],
  ['/ip4/1.2.3.4/udp/4001', 1_073_741_824],
  ['/memory/one', 1_073_741_824]
]

for (const [address, score] of SCORES) {
  test(`${address} has go's score ${score}`, t => {
    t.is(goTraits(multiaddr(address)).score, score)
  })
}
