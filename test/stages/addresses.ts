import { fc } from '@fast-check/ava'
import { multiaddr } from '@multiformats/multiaddr'
import { CERTHASH, ONION, PEER, RELAY } from './on-list.ts'
import type { Arbitrary } from 'fast-check'
import type { Multiaddr } from '@multiformats/multiaddr'

/** IPv4 addresses, half of them in or next to a special range */
const ip4 = fc.oneof(
  fc.ipV4().map(ip => `/ip4/${ip}`),
  fc.tuple(
    fc.constantFrom('0.0', '10.0', '100.63', '100.64', '100.127', '100.128', '127.0', '169.254', '169.255', '172.15', '172.16', '172.31', '172.32', '192.0', '192.31', '192.52', '192.88', '192.168', '192.175', '198.17', '198.18', '198.19', '198.51', '203.0', '223.255', '224.0', '239.255', '240.0', '255.255'),
    fc.constantFrom(0, 2, 48, 99, 100, 113, 193, 196, 255),
    fc.nat(255)
  ).map(parts => `/ip4/${parts.join('.')}`)
)

const ip6 = fc.oneof(
  fc.ipV6().map(ip => `/ip6/${ip}`),
  fc.tuple(
    fc.constantFrom('::', '::1', '::2', '::ffff:', '64:ff9b::', '100::', '2001::', '2001:2', '2001:db8:', '2002:', 'fbff:', 'fc00:', 'fd00:', 'fe80:', 'febf:', 'fec0:', 'ff02:', '2a00:'),
    fc.constantFrom('', ':1', '0:1', 'a00:1', '7f00:1', '808:808', '10.0.0.1', '127.0.0.1', '8.8.8.8')
  ).map(parts => `/ip6/${parts.join('')}`),
  fc.constant('/ip6zone/eth0/ip6/fe80::1')
)

const name = fc.tuple(
  fc.constantFrom('dns', 'dns4', 'dns6', 'dnsaddr'),
  fc.constantFrom('localhost', 'a.localhost', 'LOCALHOST', 'localhost.example', 'example.com', '10.0.0.1', '127.0.0.1')
).map(([protocol, name]) => `/${protocol}/${name}`)

/** Hosts that can be parsed */
export const host: Arbitrary<string> = fc.oneof({ weight: 3, arbitrary: ip4 }, { weight: 3, arbitrary: ip6 }, name).filter(canParse)

const transport = fc.constantFrom(
  '', '/tcp/4001', '/tcp/80/ws', '/tcp/443/wss', '/tcp/443/tls/ws', '/tcp/443/tls/sni/example.com/ws',
  '/udp/4001', '/udp/4001/quic', '/udp/4001/quic-v1', `/udp/4001/quic-v1/webtransport${CERTHASH}`, `/udp/4001/webrtc-direct${CERTHASH}`
)

const tail = fc.constantFrom('', '', '', `/p2p/${PEER}`, `/p2p/${RELAY}/p2p-circuit`, `/p2p/${RELAY}/p2p-circuit/p2p/${PEER}`, `/p2p/${RELAY}/p2p-circuit/webrtc/p2p/${PEER}`)

const odd = fc.constantFrom('/memory/one', '/unix/tmp%2Fsocket', ONION, `/p2p/${PEER}`, `/p2p/${RELAY}/p2p-circuit/p2p/${PEER}`)

/** Addresses of all kinds */
export const address: Arbitrary<Multiaddr> = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(host, transport, tail).map(parts => parts.join('')) },
  odd
).filter(canParse).map(text => multiaddr(text))

function canParse (text: string): boolean {
  try {
    multiaddr(text)

    return true
  } catch {
    return false
  }
}
