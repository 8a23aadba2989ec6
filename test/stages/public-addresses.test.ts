import test from 'ava'
import { publicAddresses } from '../../src/stages/public-addresses.ts'
import { has } from '../helpers/has.ts'
import { cands, onList, ONION, RELAY } from './on-list.ts'

const VIA = `/p2p/${RELAY}/p2p-circuit`

const REFUSED: Record<string, readonly string[]> = {
  'a loopback address': [
    '/ip4/127.0.0.1/tcp/1', '/ip4/127.255.255.254/tcp/1', '/ip6/::1/udp/1/quic-v1', `/ip4/127.0.0.1/tcp/1${VIA}`,
    '/dns4/localhost/tcp/1', '/dns6/localhost/tcp/1', '/dns/LocalHost/tcp/1', '/dns4/a.localhost/tcp/1', '/dnsaddr/localhost', '/dns4/127.0.0.1/tcp/1',
    '/ip6/::ffff:127.0.0.1/tcp/1', '/memory/one', '/unix/tmp%2Fsocket'
  ],
  'a private address': [
    '/ip4/10.0.0.1/tcp/1', '/ip4/172.16.0.1/tcp/1', '/ip4/192.168.1.1/udp/1/quic-v1', '/ip4/100.64.0.1/tcp/1',
    '/ip6/fd00::1/tcp/1', '/ip6/::ffff:10.0.0.1/tcp/1', '/dns4/router/tcp/1', '/dns4/10-0-0-1.k51q.libp2p.direct/tcp/443/wss',
    // a relay in the local network
    `/ip4/192.168.1.1/tcp/1${VIA}`
  ],
  'a link-local address': ['/ip4/169.254.1.1/tcp/1', '/ip6/fe80::1/tcp/1', '/ip6zone/eth0/ip6/fe80::1/tcp/1'],
  'an unspecified address': ['/ip4/0.0.0.0/tcp/1', '/ip6/::/tcp/1'],
  'a multicast address': ['/ip4/224.0.0.1/udp/1/quic-v1', '/ip6/ff02::1/tcp/1'],
  'a reserved address': ['/ip4/240.0.0.1/tcp/1'],
  'a name that was not looked up, or that its transport looks up again: nobody knows where it leads': ['/dns4/example.com/tcp/443/wss', '/dnsaddr/example.com', '/dns4/localhost.example.com/tcp/1']
}

for (const [reason, addresses] of Object.entries(REFUSED)) {
  for (const address of addresses) {
    test(`publicAddresses() drops ${address}: ${reason}`, async t => {
      const [one] = cands([address])

      has(t, await onList(publicAddresses(), cands([address])), { kept: [], dropped: { [one?.id ?? '']: reason } })
    })
  }
}

test('publicAddresses() keeps public addresses in the order from above', async t => {
  const addresses = [
    '/ip4/8.8.8.8/tcp/1', '/ip6/2a00::1/udp/1/quic-v1', '/ip4/11.0.0.1/tcp/443/wss',
    '/dns4/8-8-8-8.k51q.libp2p.direct/tcp/443/wss', '/ip4/8.8.8.8/tcp/443/tls/sni/8-8-8-8.k51q.libp2p.direct/ws',
    `/ip4/8.8.8.8/tcp/1${VIA}`, VIA, ONION
  ]

  has(t, await onList(publicAddresses(), cands(addresses)), { kept: addresses, dropped: {} })
})
