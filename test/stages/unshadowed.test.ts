import test from 'ava'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { dialable } from '../../src/stages/dialable.ts'
import { unshadowed } from '../../src/stages/unshadowed.ts'
import { has } from '../helpers/has.ts'
import { CERTHASH, cand, cands, onList, onLists, PEER, RELAY } from './on-list.ts'

const VIA = `/p2p/${RELAY}/p2p-circuit`

/** Addresses that shadow others, each with the other */
const SHADOWED: ReadonlyArray<readonly [string, string]> = [
  ['/ip4/1.2.3.4/udp/4001/quic-v1', '/ip4/1.2.3.4/udp/4001/quic'],
  ['/ip4/1.2.3.4/udp/4001/quic-v1', `/ip4/1.2.3.4/udp/4001/quic-v1/webtransport${CERTHASH}`],
  [`/ip6/2a00::1/udp/4001/quic-v1/p2p/${PEER}`, `/ip6/2a00::1/udp/4001/quic-v1/webtransport${CERTHASH}/p2p/${PEER}`],
  ['/ip4/1.2.3.4/tcp/4001', '/ip4/1.2.3.4/tcp/4001/ws'],
  ['/ip4/1.2.3.4/tcp/4001', '/ip4/1.2.3.4/tcp/4001/wss'],
  ['/ip4/1.2.3.4/tcp/4001', '/ip4/1.2.3.4/tcp/4001/tls/ws'],
  ['/ip4/1.2.3.4/tcp/4001', '/ip4/1.2.3.4/tcp/4001/tls/sni/example.com/ws'],
  ['/dns4/example.com/tcp/443', '/dns4/example.com/tcp/443/wss'],
  ['/ip6zone/eth0/ip6/fe80::1/tcp/4001', '/ip6zone/eth0/ip6/fe80::1/tcp/4001/ws']
]

for (const [plain, shadowed] of SHADOWED) {
  test(`unshadowed() drops ${shadowed} before or after ${plain}`, async t => {
    for (const list of [[plain, shadowed], [shadowed, plain]]) {
      has(t, await onList(unshadowed(), cands(list)), { kept: [plain], dropped: { [shadowed]: `shadowed by ${plain}` } })
    }
  })
}

const NOT_SHADOWED: ReadonlyArray<readonly [why: string, string, string]> = [
  ['another port', '/ip4/1.2.3.4/udp/4001/quic-v1', `/ip4/1.2.3.4/udp/4002/quic-v1/webtransport${CERTHASH}`],
  ['another IP address', '/ip4/1.2.3.4/tcp/4001', '/ip4/1.2.3.5/tcp/4001/ws'],
  ['another IPv6 zone', '/ip6zone/eth0/ip6/fe80::1/tcp/4001', '/ip6zone/eth1/ip6/fe80::1/tcp/4001/ws'],
  ['the other IP version', '/ip6/::ffff:102:304/tcp/4001', '/ip4/1.2.3.4/tcp/4001/ws'],
  ['a name is no IP address', '/ip4/1.2.3.4/tcp/443', '/dns4/example.com/tcp/443/wss'],
  ['the name of the other IP version', '/dns4/example.com/tcp/443', '/dns6/example.com/tcp/443/wss'],
  ['TCP says nothing of QUIC', '/ip4/1.2.3.4/tcp/4001', '/ip4/1.2.3.4/udp/4001/quic-v1'],
  ['QUIC says nothing of WebSockets', '/ip4/1.2.3.4/udp/4001/quic-v1', '/ip4/1.2.3.4/tcp/4001/ws'],
  ['QUIC and WebRTC', '/ip4/1.2.3.4/udp/4001/quic-v1', `/ip4/1.2.3.4/udp/4001/webrtc-direct${CERTHASH}`],
  ['WebTransport is not the plain one', `/ip4/1.2.3.4/udp/4001/quic-v1/webtransport${CERTHASH}`, '/ip4/1.2.3.4/udp/4001/quic'],
  ['QUIC draft-29 and WebTransport', '/ip4/1.2.3.4/udp/4001/quic', `/ip4/1.2.3.4/udp/4001/quic-v1/webtransport${CERTHASH}`],
  ['a WebSocket without TLS and one with TLS', '/ip4/1.2.3.4/tcp/4001/ws', '/ip4/1.2.3.4/tcp/4001/wss'],
  ['the way to a relay is not the way to the peer', `/ip4/1.2.3.4/tcp/4001${VIA}`, '/ip4/1.2.3.4/tcp/4001/ws'],
  ['a direct address and a relayed one', '/ip4/1.2.3.4/tcp/4001', `/ip4/1.2.3.4/tcp/4001/ws${VIA}`],
  ['two ways to a relay', `/ip4/1.2.3.4/tcp/4001${VIA}`, `/ip4/1.2.3.4/tcp/4001/ws${VIA}`],
  ['odd addresses', '/memory/one', '/unix/tmp%2Fsocket']
]

for (const [why, one, other] of NOT_SHADOWED) {
  test(`unshadowed() keeps both: ${why}`, async t => {
    has(t, await onList(unshadowed(), cands([one, other])), { kept: [one, other], dropped: {} })
  })
}

test('unshadowed() below dialable() keeps an address that an undialable one would shadow', async t => {
  const webTransport = `/ip4/1.2.3.4/udp/4001/quic-v1/webtransport${CERTHASH}`
  const transportManager: any = {
    getAddrs: () => [],
    dialTransportForMultiaddr: (multiaddr: any) => String(multiaddr).includes('webtransport') ? {} : undefined
  }

  const { kept, dropped } = await onList(pipeline(dialable(), unshadowed()), cands(['/ip4/1.2.3.4/udp/4001/quic-v1', webTransport]), { transportManager })
  t.deepEqual(kept, [webTransport])
  t.deepEqual(dropped, { '/ip4/1.2.3.4/udp/4001/quic-v1': 'no transport' })
})

test('unshadowed() lets a dropped address pass again when the address that shadows it is gone', async t => {
  const ws = cand('/ip4/1.2.3.4/tcp/4001/ws')

  has(t, await onLists(unshadowed(), [[cand('/ip4/1.2.3.4/tcp/4001'), ws], [ws]]), { kept: [ws.id], dropped: {} })
})
