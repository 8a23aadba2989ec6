import test from 'ava'
import { transports } from '../../src/stages/transports.ts'
import { CERTHASH, cands, onList, ONION, PEER, RELAY } from './on-list.ts'
import type { TransportName } from '../../src/stages/transports.ts'

const ADDRESSES: Record<TransportName, readonly string[]> = {
  circuit: [`/ip4/1.2.3.4/tcp/1/p2p/${RELAY}/p2p-circuit`, `/ip4/1.2.3.4/udp/1/quic-v1/p2p/${RELAY}/p2p-circuit/p2p/${PEER}`],
  memory: ['/memory/one'],
  'quic-v1': ['/ip4/1.2.3.4/udp/1/quic-v1', `/dns4/example.com/udp/1/quic-v1/p2p/${PEER}`],
  tcp: ['/ip4/1.2.3.4/tcp/1', `/ip6/2a00::1/tcp/1/p2p/${PEER}`, '/dns4/example.com/tcp/1'],
  webrtc: [`/ip4/1.2.3.4/tcp/1/p2p/${RELAY}/p2p-circuit/webrtc/p2p/${PEER}`],
  'webrtc-direct': [`/ip4/1.2.3.4/udp/1/webrtc-direct${CERTHASH}`],
  webtransport: [`/ip4/1.2.3.4/udp/1/quic-v1/webtransport${CERTHASH}`],
  ws: ['/ip4/1.2.3.4/tcp/1/ws', '/dns4/example.com/tcp/80/ws'],
  wss: ['/ip4/1.2.3.4/tcp/1/wss', '/ip4/1.2.3.4/tcp/1/tls/ws', '/ip4/1.2.3.4/tcp/1/tls/sni/example.com/ws']
}

const all = cands([...Object.values(ADDRESSES).flat(), '/ip4/1.2.3.4/udp/1/quic', ONION, '/dnsaddr/example.com'])

for (const [name, addresses] of Object.entries(ADDRESSES)) {
  test(`transports() keeps the addresses of ${name}`, async t => {
    const { kept, dropped } = await onList(transports(name as TransportName), all)

    t.deepEqual(kept, addresses)
    t.is(Object.keys(dropped).length, all.length - addresses.length)
    t.deepEqual([...new Set(Object.values(dropped))], [`not an address of ${name}`])
  })
}

test('transports() of two transports keeps both in the order from above', async t => {
  const { kept, dropped } = await onList(transports('wss', 'quic-v1'), all)

  t.deepEqual(kept, [...ADDRESSES['quic-v1'], ...ADDRESSES.wss])
  t.is(dropped[ONION], 'not an address of wss, quic-v1')
})

test('transports() throws for an unknown transport', t => {
  // `any`: a wrong value on purpose, which the check at run time refuses
  t.throws(() => transports('tcp', 'udp' as any, 'WS' as any), { name: 'InvalidPipelineError', message: /^transports\(\) needs 'circuit' or 'memory' or .+, not 'udp'$/ })
  // a property of every object
  t.throws(() => transports('constructor' as any), { name: 'InvalidPipelineError' })
})

test('transports() throws without a transport', t => {
  t.throws(() => transports(), { name: 'InvalidPipelineError', message: /^transports\(\) needs one or more of circuit, memory, / })
})
