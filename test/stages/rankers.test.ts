import test from 'ava'
import { fc, testProp } from '@fast-check/ava'
import { circuitRelayAddressesLast } from '@libp2p/utils'
import { candidate } from '../../src/pipeline/candidate.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { byCertified } from '../../src/stages/by-certified.ts'
import { libp2pOrder } from '../../src/stages/libp2p-order.ts'
import { byQuic } from '../../src/stages/by-quic.ts'
import { byDirect } from '../../src/stages/by-direct.ts'
import { address } from './addresses.ts'
import { CERTHASH, cand, cands, onList, PEER, RELAY } from './on-list.ts'
import type { AnyStage } from '../../src/pipeline/types.ts'

const VIA = `/p2p/${RELAY}/p2p-circuit`

test('byCertified() ranks certified addresses first', async t => {
  const [a, c] = cands(['/ip4/1.2.3.4/tcp/1', '/ip4/1.2.3.4/tcp/3'])
  const b = cand('/ip4/1.2.3.4/tcp/2', { isCertified: true })
  const d = cand('/ip4/127.0.0.1/tcp/4', { isCertified: true })

  t.deepEqual((await onList(byCertified(), [a, b, c, d].flatMap(one => one ?? []))).kept, [b, d, a, c].map(one => one?.id))
})

test('byDirect() ranks relayed addresses last, and WebRTC as direct', async t => {
  const bare = `${VIA}/p2p/${PEER}`
  const tcp = `/ip4/1.2.3.4/tcp/1${VIA}`
  const webRtc = `/ip4/1.2.3.4/tcp/1${VIA}/webrtc/p2p/${PEER}`

  t.deepEqual((await onList(byDirect(), cands([bare, '/ip4/127.0.0.1/tcp/1', tcp, webRtc, '/memory/one']))).kept, ['/ip4/127.0.0.1/tcp/1', webRtc, '/memory/one', bare, tcp])
})

test('byQuic() ranks QUIC v1 first', async t => {
  const webTransport = `/ip4/1.2.3.4/udp/1/quic-v1/webtransport${CERTHASH}`
  const relayed = `/ip4/1.2.3.4/udp/1/quic-v1${VIA}`
  const draft = '/ip4/1.2.3.4/udp/1/quic'
  const quic = ['/ip4/127.0.0.1/udp/9/quic-v1', `/ip6/2a00::1/udp/1/quic-v1/p2p/${PEER}`, '/dns4/example.com/udp/1/quic-v1']

  // WebTransport, draft-29 and an address of a relay over QUIC do not count as QUIC to the peer
  t.deepEqual((await onList(byQuic(), cands([webTransport, '/ip4/1.2.3.4/tcp/1', ...quic, relayed, draft]))).kept, [...quic, webTransport, '/ip4/1.2.3.4/tcp/1', relayed, draft])
})

test('byQuic() below libp2pOrder() ranks QUIC first, each group in libp2p\'s order', async t => {
  const addresses = ['/ip4/127.0.0.1/tcp/1', '/ip4/127.0.0.1/udp/1/quic-v1', '/ip4/8.8.8.8/tcp/443/wss', '/ip4/8.8.8.8/tcp/1', '/ip4/10.0.0.1/udp/1/quic-v1', '/ip4/8.8.8.8/udp/1/quic-v1']

  t.deepEqual((await onList(pipeline(libp2pOrder(), byQuic()), cands(addresses))).kept, [
    '/ip4/8.8.8.8/udp/1/quic-v1', '/ip4/10.0.0.1/udp/1/quic-v1', '/ip4/127.0.0.1/udp/1/quic-v1',
    '/ip4/8.8.8.8/tcp/1', '/ip4/8.8.8.8/tcp/443/wss', '/ip4/127.0.0.1/tcp/1'
  ])
})

test('libp2pOrder() accepts an addressSorter written for libp2p', async t => {
  const [relayed, low, high] = [`/ip4/1.2.3.4/tcp/1${VIA}`, '/ip4/1.2.3.4/tcp/2', '/ip4/1.2.3.4/tcp/3'] as const
  const sorter = libp2pOrder({ addressSorter: (a, b) => circuitRelayAddressesLast(a.multiaddr, b.multiaddr) || (a.isCertified === b.isCertified ? 0 : a.isCertified ? -1 : 1) })

  t.deepEqual((await onList(sorter, [cand(relayed, { isCertified: true }), cand(low), cand(high, { isCertified: true })])).kept, [high, low, relayed])
})

test('libp2pOrder() fails with an error that names the stage when its addressSorter returns NaN', async t => {
  await t.throwsAsync(onList(libp2pOrder({ addressSorter: () => NaN as any }), cands(['/ip4/1.2.3.4/tcp/1', '/ip4/1.2.3.4/tcp/2'])), { name: 'InvalidStageOutputError', message: /^Stage "libp2p-order" compared / })
})

const rankers: Record<string, () => AnyStage> = { libp2pOrder: () => libp2pOrder({ addressSorter: () => 0 }), byCertified, byQuic, byDirect }

for (const [name, make] of Object.entries(rankers)) {
  testProp(`${name}() drops nothing, and sorting twice changes nothing`, [fc.uniqueArray(address, { selector: String, maxLength: 12 }), fc.nat()], async (t, addresses, seed) => {
    const candidates = addresses.map((multiaddr, i) => candidate(multiaddr, undefined, { isCertified: ((seed >> i) & 1) === 1 }))
    const once = await onList(make(), candidates)

    t.deepEqual(once.dropped, {})
    t.deepEqual(once.kept.toSorted(), candidates.map(({ id }) => id).toSorted())
    t.deepEqual((await onList(make(), once.list.candidates)).kept, once.kept)
  })
}
