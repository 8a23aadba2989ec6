import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { transportOf } from '../../src/convergence/transport.ts'
import { CONVERGENCE_OPTIONS } from '../../src/pipeline/convergence-init.ts'
import { checkOptions } from '../../src/pipeline/check-options.ts'

const peer = '/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC'

// the address as seen by the dialling end and by the other end
const ends: ReadonlyArray<readonly [transport: string, dialled: string, inbound: string]> = [
  ['tcp', `/ip4/192.0.2.1/tcp/4001${peer}`, `/ip4/198.51.100.7/tcp/53211${peer}`],
  ['ws', `/dns4/node.example/tcp/443/tls/sni/node.example/ws${peer}`, `/ip4/10.0.0.1/tcp/53211/ws${peer}`],
  ['ws', '/dns4/node.example/tcp/443/wss', '/ip4/10.0.0.1/tcp/53211/ws'],
  ['quic-v1', '/ip4/192.0.2.1/udp/4001/quic-v1', '/ip6/2001:db8::1/udp/61000/quic-v1'],
  ['webtransport', '/ip4/192.0.2.1/udp/4001/quic-v1/webtransport', '/ip4/198.51.100.7/udp/61000/quic-v1/webtransport'],
  ['webrtc-direct', '/ip4/192.0.2.1/udp/4001/webrtc-direct', '/ip4/198.51.100.7/udp/61000/webrtc-direct'],
  ['webrtc', `/ip4/192.0.2.1/tcp/4001/ws${peer}/p2p-circuit/webrtc${peer}`, `/webrtc${peer}`],
  ['circuit', `/ip4/192.0.2.1/udp/4001/quic-v1${peer}/p2p-circuit${peer}`, `/ip4/198.51.100.9/tcp/4001${peer}/p2p-circuit${peer}`],
  ['memory', '/memory/one', `/memory/connection-1${peer}`],
  ['', peer, peer]
]

for (const [transport, dialled, inbound] of ends) {
  test(`both ends of ${dialled} see ${transport === '' ? 'no transport' : transport}`, t => {
    t.is(transportOf(multiaddr(dialled)), transport)
    t.is(transportOf(multiaddr(inbound)), transport)
  })
}

test('an order with an unknown transport throws an error that lists the known ones', t => {
  t.throws(() => { checkOptions('dialer({ convergence })', { order: ['quic' as any] }, CONVERGENCE_OPTIONS) }, {
    message: "dialer({ convergence }) needs an array of transports (quic-v1, webtransport, tcp, webrtc-direct, ws, webrtc) as order, not an array with 'quic' at index 0"
  })
})
