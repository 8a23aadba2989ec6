import test from 'ava'
import { fc, testProp } from '@fast-check/ava'
import { multiaddr } from '@multiformats/multiaddr'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { relaysLater } from '../../src/stages/relays-later.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { delaysOf, goDelays } from '../../src/stages/go-delays.ts'
import { goRank } from '../../src/stages/go-order.ts'
import { race } from '../../src/stages/race.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { cand, tryOut } from '../testing/try-out.ts'
import { cands, timesOn } from './on-list.ts'
import { dialled, SILENT, startsOf, VIA } from './dial-like-go.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { Script } from '../../src/testing/scripted-network.ts'

test('goDelays() starts each silent address at its delay', async t => {
  t.deepEqual(await dialled(t, {
    '/ip6/2a00::1/udp/4001/quic-v1': SILENT,
    '/ip4/1.2.3.4/udp/4001/quic-v1': SILENT,
    '/ip6/2a00::1/tcp/4001': SILENT,
    '/ip4/1.2.3.4/tcp/4001': SILENT,
    '/ip4/1.2.3.4/tcp/4002/ws': SILENT,
    '/ip4/1.2.3.4/udp/4001/webrtc-direct': SILENT,
    [`/ip4/5.6.7.8/tcp/4001${VIA}`]: SILENT,
    '/dns4/example.com/tcp/4001': SILENT
  }), [
    // QUIC at 0 and 250, TCP from 500. The relay is also due at 500, but is later in the list: 10 ms later
    [0, '/ip6/2a00::1/udp/4001/quic-v1'],
    [250, '/ip4/1.2.3.4/udp/4001/quic-v1'],
    [500, '/ip6/2a00::1/tcp/4001'],
    [510, `/ip4/5.6.7.8/tcp/4001${VIA}`],
    [750, '/ip4/1.2.3.4/tcp/4001'],
    [1_000, '/ip4/1.2.3.4/tcp/4002/ws'],
    // 1000 after the relay's 500
    [1_500, '/dns4/example.com/tcp/4001'],
    // 1000 after the last TCP address
    [2_000, '/ip4/1.2.3.4/udp/4001/webrtc-direct']
  ])
})

const publicAddress = fc.tuple(
  fc.constantFrom('/ip4/1.2.3.4', '/ip6/2a00::1'),
  fc.constantFrom(...[1, 2, 3].flatMap(port => [`/udp/${port}/quic-v1`, `/udp/${port}/quic-v1/webtransport`, `/tcp/${port}`, `/udp/${port}/webrtc-direct`])),
  fc.constantFrom('', '', VIA)
).map(parts => parts.join(''))

testProp('goDelays() starts any addresses at their delay after the first, at least 10 ms apart', [fc.uniqueArray(publicAddress, { minLength: 1, maxLength: 12 })], async (t, addresses) => {
  const delays = [...delaysOf(goRank(cands(addresses))).values()].toSorted((a, b) => a - b)
  const starts: number[] = []

  for (const delay of delays) {
    starts.push(Math.max(delay - (delays[0] as number), (starts.at(-1) ?? -10) + 10))
  }

  t.deepEqual(await startsOf(t, Object.fromEntries(addresses.map(address => [address, SILENT]))), starts)
})

test('goDelays() paces private and public addresses separately', async t => {
  t.deepEqual(await dialled(t, {
    '/ip4/10.0.0.1/udp/4001/quic-v1': SILENT,
    '/ip4/10.0.0.1/tcp/4001': SILENT,
    '/ip4/10.0.0.1/tcp/4002': SILENT,
    '/ip4/1.2.3.4/udp/4001/quic-v1': SILENT,
    '/ip4/1.2.3.4/tcp/4001': SILENT
  }), [
    [0, '/ip4/10.0.0.1/udp/4001/quic-v1'],
    [10, '/ip4/1.2.3.4/udp/4001/quic-v1'],
    [30, '/ip4/10.0.0.1/tcp/4001'],
    [60, '/ip4/10.0.0.1/tcp/4002'],
    [250, '/ip4/1.2.3.4/tcp/4001']
  ])
})

for (const [title, silent, others, starts] of [
  ['goDelays() starts the addresses of a batch 10 ms apart, and the next batch at its delay', ['udp/4001/quic-v1', 'udp/4002/quic-v1', 'udp/4003/quic-v1', 'udp/4004/quic-v1', 'tcp/4001'], {}, [0, 250, 260, 270, 500]],
  ['goDelays() does not start earlier after a failure while others are in flight', ['udp/4001/quic-v1', 'tcp/4001'], { 'udp/4002/quic-v1': { refuses: 10 } }, [0, 250, 500]],
  ['a connection ends the race of goDelays()', ['udp/4001/quic-v1', 'tcp/4001'], { 'udp/4002/quic-v1': { connects: 100 } }, [0, 250]]
] as ReadonlyArray<[string, string[], Record<string, Script>, number[]]>) {
  test(title, async t => {
    const network: Record<string, Script> = { ...Object.fromEntries(silent.map(rest => [rest, SILENT])), ...others }
    t.deepEqual(await startsOf(t, Object.fromEntries(Object.entries(network).map(([rest, script]) => [`/ip4/1.2.3.4/${rest}`, script]))), starts)
  })
}

test('goDelays() starts the first address at once, whatever its delay', async t => {
  // both have a delay of 1000, and start as one batch
  t.deepEqual(await startsOf(t, { '/dns4/example.com/tcp/4001': SILENT, '/memory/one': SILENT }), [0, 10])
  t.deepEqual(await dialled(t, { '/ip4/10.0.0.1/udp/1/webrtc-direct': SILENT, '/ip4/1.2.3.4/udp/1/webrtc-direct': SILENT }), [
    [0, '/ip4/10.0.0.1/udp/1/webrtc-direct'],
    // 1000 - 100 after the first
    [900, '/ip4/1.2.3.4/udp/1/webrtc-direct']
  ])
})

test('goDelays() starts the next batch at once when nothing is in flight', async t => {
  t.deepEqual(await dialled(t, {
    '/ip6/2a00::1/udp/4001/quic-v1': { refuses: 20 },
    '/ip4/1.2.3.4/udp/4001/quic-v1': { refuses: 30 },
    '/ip6/2a00::1/udp/4002/quic-v1': SILENT,
    '/ip4/1.2.3.4/udp/4002/quic-v1': SILENT,
    '/ip4/1.2.3.4/tcp/4001': SILENT
  }), [
    [0, '/ip6/2a00::1/udp/4001/quic-v1'],
    [20, '/ip4/1.2.3.4/udp/4001/quic-v1'],
    [50, '/ip6/2a00::1/udp/4002/quic-v1'],
    // in the same batch
    [60, '/ip4/1.2.3.4/udp/4002/quic-v1'],
    [300, '/ip4/1.2.3.4/tcp/4001']
  ])
})

test('goDelays() holds higher delays back only when nothing is in flight', async t => {
  const [quic, tcp, relayed] = cands(['/ip4/1.2.3.4/udp/4001/quic-v1', '/ip4/1.2.3.4/tcp/4001', `/ip4/5.6.7.8/tcp/4001${VIA}`]) as [Candidate, Candidate, Candidate]
  const { hold } = await timesOn(goDelays(), [quic, tcp, relayed])

  t.true(hold({ untried: [relayed, tcp] }) > hold({ untried: [tcp, relayed] }))
  t.is(hold({ untried: [relayed, tcp], inFlight: [{ candidate: quic, startedAt: 1_000 }] }), 0)
})

test('goDelays() with nothing in flight starts an address although another hold delays one of lower delay', async t => {
  const [relayed, named] = [cand(`/ip4/5.6.7.8/tcp/4001${VIA}`), cand('/dns4/example.com/tcp/4001')]
  const trial = tryOut(t, pipeline(goDelays(), relaysLater(3_000), race()))
  trial.give({ candidates: [relayed, named], complete: false })
  await trial.pass(2_000)

  t.deepEqual(trial.host.attempts.map(({ candidate, startedAt = NaN }) => [trial.since(startedAt), candidate]), [[0, named]])
})

test('goDelays() without goOrder() keeps the order from above within a batch', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(pipeline(fromCaller(), goDelays(), race()))
  const dial = engine.dial(['/dns4/b.example/tcp/1', '/dns4/a.example/tcp/1', '/ip4/1.2.3.4/tcp/4001'].map(address => multiaddr(`${address}/p2p/${peer.toString()}`)))
  dial.catch(() => {})
  await clock.advance(3_000)
  engine.stop()

  t.deepEqual(network.attempts.map(({ at }, i) => [at, network.dialled[i]]), [
    [0, '/ip4/1.2.3.4/tcp/4001'],
    [1_000, '/dns4/b.example/tcp/1'],
    [1_010, '/dns4/a.example/tcp/1']
  ])
})
