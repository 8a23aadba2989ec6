import test from 'ava'
import { goLike, quicFirst, staggered, stock } from '../../presets/index.ts'
import { has } from '../helpers/has.ts'
import { all, CERTHASH, MIX, play } from './scene.ts'

const { loopback, private: lan, tcp, wss, quic4, quic6, webTransport, webRtcDirect, relayed } = MIX
const given = [loopback, relayed, webRtcDirect, webTransport, quic4, quic6, wss, tcp, lan]

// libp2p's order: public (relayed ones last, by transport: TCP, WSS, WebRTC-direct, WebTransport, others), private, loopback
const LIBP2P = [tcp, wss, webRtcDirect, webTransport, quic4, quic6, relayed, lan, loopback]

test('staggered() dials in libp2p\'s order, 250 ms apart', async t => {
  const { dialled, times } = await play(staggered(), { given })

  t.deepEqual(dialled, LIBP2P)
  t.deepEqual(times, LIBP2P.map((_, i) => i * 250))
})

test('stock() dials in libp2p\'s order, one after the other fails', async t => {
  const { dialled, times } = await play(stock(), { given, network: all(given, { refuses: 400 }) })

  t.deepEqual(dialled, LIBP2P)
  t.deepEqual(times, LIBP2P.map((_, i) => i * 400))
})

test('quicFirst() dials QUIC first, then in libp2p\'s order, 250 ms apart', async t => {
  const { dialled, times } = await play(quicFirst(), { given })

  t.deepEqual(dialled, [quic4, quic6, ...LIBP2P.filter(one => one !== quic4 && one !== quic6)])
  t.deepEqual(times, LIBP2P.map((_, i) => i * 250))
})

test('quicFirst() dials public QUIC first, and private and loopback QUIC before TCP', async t => {
  const near = ['/ip4/127.0.0.1/udp/4001/quic-v1', '/ip4/10.0.0.2/udp/4001/quic-v1'] as const

  t.deepEqual((await play(quicFirst(), { given: [...near, tcp, quic4] })).dialled, [quic4, near[1], near[0], tcp])
})

test('goLike() dials in go-libp2p\'s order and at its times', async t => {
  const { dialled, times } = await play(goLike(), { given })

  t.deepEqual(dialled.map((one, i) => [times[i], one]), [
    // private: two TCP addresses of one port in libp2p's order. Public: QUIC at 0, 250 (IPv4) and 500
    [0, lan],
    [10, quic6],
    [30, loopback],
    [250, quic4],
    [500, webTransport],
    // the relayed address at 500, like WebTransport
    [510, relayed],
    // TCP one step after QUIC, low ports first
    [750, wss],
    [1_000, tcp],
    // others 1000 ms after TCP
    [2_000, webRtcDirect]
  ])
})

test('goLike() drops a shadowed address, unless the node cannot dial the address that shadows it', async t => {
  const shadowed = `/ip4/8.8.8.8/udp/4001/quic-v1/webtransport${CERTHASH}`

  const { dialled, dropped } = await play(goLike(), { given: [shadowed, quic4] })

  t.deepEqual(dialled, [quic4])
  t.deepEqual(Object.keys(dropped), [shadowed])
  t.regex(dropped[shadowed] ?? '', /^unshadowed: shadowed by /)
  has(t, await play(goLike(), { given: [shadowed, quic4], undialable: [quic4] }), { dialled: [shadowed] })
})

test('goLike() asks routing when the address that shadows another has failed', async t => {
  const { dialled, asked } = await play(goLike(), { stored: [`${tcp}/ws`, tcp], routed: [quic4], network: all([tcp], { refuses: 10 }) })

  t.deepEqual(dialled, [tcp, quic4])
  t.is(asked, 1)
})

for (const [name, preset] of Object.entries({ staggered, goLike, quicFirst })) {
  test(`${name}() asks the peer store and routing only without the caller's addresses, and routing after stored ones failed`, async t => {
    has(t, await play(preset(), { given: [tcp], stored: [wss], routed: [quic4], network: all([tcp], { refuses: 10 }) }), { dialled: [tcp], asked: 0 })
    has(t, await play(preset(), { stored: [wss], routed: [quic4], network: all([wss], { refuses: 10 }) }), { dialled: [wss, quic4], asked: 1 })
    // routing is asked once the attempt is silent for a second longer than usual answers take
    has(t, await play(preset(), { stored: [wss], routed: [quic4], ms: 1_250 }), { dialled: [wss], asked: 0 })
    has(t, await play(preset(), { stored: [wss], routed: [quic4], ms: 2_500 }), { dialled: [wss, quic4], asked: 1 })
    has(t, await play(preset(), { routed: [quic4] }), { dialled: [quic4], asked: 1 })
  })
}

test('stock() asks routing only when no address is known', async t => {
  has(t, await play(stock(), { stored: [wss], routed: [quic4], network: all([wss], { refuses: 10 }) }), { dialled: [wss], asked: 0 })
  has(t, await play(stock(), { routed: [quic4] }), { dialled: [quic4], asked: 1 })
})
