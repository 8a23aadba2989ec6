import { fc, testProp } from '@fast-check/ava'
import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { Facts } from '../../src/address/facts.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { source } from '../../src/pipeline/authoring/source.ts'
import { blackHole } from '../../src/stages/black-hole.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { race } from '../../src/stages/race.ts'
import { candidate } from '../../src/pipeline/candidate.ts'
import { InputList } from '../../src/testing/compliance/input-list.ts'
import { testDial } from '../../src/testing/test-dial.ts'
import { engineWorld, world } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { dose } from '../support/dose.ts'
import { cand, PEER, reason, said, tryOut } from '../testing/try-out.ts'
import { address } from './addresses.ts'
import { FakeHistory } from './fake-history.ts'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { AnyStage, Candidate, DialComponents, PathRecord } from '../../src/pipeline/types.ts'
import type { StageRun } from '../../src/testing/compliance/stage-run.ts'
import type { ExecutionContext } from 'ava'

const QUIC = '/ip4/8.8.8.8/udp/1/quic-v1'
const QUIC6 = '/ip6/2a00:1450::1/udp/1/quic-v1'
const TCP = '/ip4/8.8.8.8/tcp/1'
const TCP6 = '/ip6/2a00:1450::1/tcp/1'
const ALL = [QUIC, QUIC6, TCP, TCP6]

const HOLE: PathRecord = { successes: 0, failures: 25, failuresInARow: 25 }

function trialOf (t: ExecutionContext, paths: FakeHistory['paths']): StageRun {
  const history = Object.assign(new FakeHistory(), { paths })

  return tryOut(t, blackHole(), { components: () => ({ history }) })
}

async function passes (t: ExecutionContext, paths: FakeHistory['paths'], addresses: readonly string[] = ALL): Promise<string[]> {
  const trial = trialOf(t, paths)
  trial.give({ candidates: addresses.map(one => cand(one)) })
  await trial.rest()
  t.true(trial.last?.value.complete)

  return said(trial)[0]?.split(' ') ?? []
}

/** Returns the addresses that the stage passes on in one dial, and checks that it repeats its answer within the dial */
function passesOfDial (t: ExecutionContext<any>, stage: AnyStage, components: DialComponents, addresses: readonly string[]): string[] {
  const { lists, target, end } = testDial({ components, peerId: PEER })
  const given = new InputList()
  const make = lists(given.stage, stage)
  const candidates = addresses.map(one => candidate(multiaddr(one), PEER))
  const passed = (): string[] => {
    const kept = make().candidates

    return addresses.filter((_, i) => kept.includes(candidates[i] as Candidate))
  }

  given.give({ candidates })
  const first = passed()
  target.invalidate()
  t.deepEqual(passed(), first)
  end()

  return first
}

/** A node for which these paths fail, and a stage for all its dials */
function nodeIn (paths: FakeHistory['paths']): { components: DialComponents, stage: AnyStage } {
  return { components: world({}, { history: Object.assign(new FakeHistory(), { paths }) }).components, stage: blackHole() }
}

test('blackHole() drops UDP addresses while none connects', async t => {
  t.deepEqual(await passes(t, { udp: HOLE }), [TCP, TCP6])
})

test('blackHole() drops IPv6 addresses while none connects, and both kinds together', async t => {
  t.deepEqual(await passes(t, { ip6: HOLE }), [QUIC, TCP])
  t.deepEqual(await passes(t, { udp: HOLE, ip6: HOLE }), [TCP])
  t.deepEqual(await passes(t, {}), ALL)
})

test('blackHole() gives the kind and the number of failures as reason', async t => {
  const trial = trialOf(t, { udp: HOLE, ip6: { ...HOLE, failuresInARow: 40 } })
  trial.give({ candidates: ALL.map(one => cand(one)) })
  await trial.settle()
  t.is(reason(trial, cand(QUIC)), 'nothing comes through over UDP: 25 failures in a row')
  t.is(reason(trial, cand(TCP6)), 'nothing comes through over IPv6: 40 failures in a row')
})

for (const [what, record, isBlocked] of [
  ['19 failures in a row', { successes: 0, failures: 19, failuresInARow: 19 }, false],
  ['20 failures in a row', { successes: 0, failures: 20, failuresInARow: 20 }, true],
  ['20 failures in a row that are an hour old', { successes: 0, failures: 0.3, failuresInARow: 20 }, false],
  ['20 failures in a row after two successes', { successes: 2, failures: 20, failuresInARow: 20 }, false],
  ['100 failures in a row after two successes', { successes: 2, failures: 100, failuresInARow: 100 }, true],
  ['1,000 failures, the latest a success', { successes: 1, failures: 1_000, failuresInARow: 0 }, false]
] as const) {
  test(`blackHole() with ${what}: ${isBlocked ? '' : 'not '}blocked`, async t => {
    t.is((await passes(t, { udp: record })).includes(QUIC), !isBlocked)
  })
}

testProp('blackHole() never drops private, loopback, relayed or TCP over IPv4 addresses', [address], async (t, address) => {
  const one = address.toString()
  const components = address.getComponents()
  const [host] = components
  const isOut = host?.name === 'ip4' || host?.name === 'ip6'
  const mayGo = isOut && (components.some(({ name }) => name === 'udp') || host.name === 'ip6')
  const trial = trialOf(t, { udp: HOLE, ip6: HOLE })
  trial.give({ candidates: [cand(one)] })
  await trial.settle()

  t.true(mayGo || trial.last?.candidates.length === 1, one)
}, { numRuns: dose(300) })

test('blackHole() keeps local, relayed and unresolved addresses', async t => {
  const relay = '/p2p/12D3KooW9xBQPBhK5VHb8qniBUZVxmS365bjfpQngjpBduihLiPM/p2p-circuit'
  const spared = [
    '/ip4/10.0.0.1/udp/1/quic-v1', '/ip4/127.0.0.1/udp/1/quic-v1', '/ip4/192.168.1.1/udp/1/webrtc-direct', '/ip6/::1/tcp/1', '/ip6/fd00::1/udp/1/quic-v1', '/ip6/fe80::1/tcp/1',
    `${QUIC}${relay}`, `${TCP6}${relay}`, '/dns4/example.com/udp/1/quic-v1', '/dns6/example.com/tcp/443/wss', '/memory/x'
  ]
  t.deepEqual(await passes(t, { udp: HOLE, ip6: HOLE }, spared), spared)
})

test('QUIC, WebTransport and WebRTC-direct are UDP paths, and IPv6 addresses are ip6 paths', t => {
  for (const rest of ['/udp/1/quic-v1', '/udp/1/quic', '/udp/1/quic-v1/webtransport', '/udp/1/webrtc-direct']) {
    t.deepEqual(new Facts(multiaddr(`/ip4/8.8.8.8${rest}`)).pathKinds, ['udp'], rest)
    t.deepEqual(new Facts(multiaddr(`/ip6/2a00:1450::1${rest}`)).pathKinds, ['udp', 'ip6'], rest)
  }

  t.deepEqual(new Facts(multiaddr('/ip6/2a00:1450::1/tcp/1/ws')).pathKinds, ['ip6'])
  t.deepEqual(new Facts(multiaddr(TCP)).pathKinds, [])
})

test('blackHole() lets one of 100 dials with blocked addresses try them', t => {
  const { components, stage } = nodeIn({ udp: HOLE })
  const all = Array.from({ length: 300 }, () => passesOfDial(t, stage, components, [QUIC, TCP]))

  t.deepEqual(all.flatMap((passed, i) => passed.includes(QUIC) ? [i + 1] : []), [100, 200, 300])
  t.true(all.every(passed => passed.includes(TCP)))
})

test('blackHole() counts the dials of each node separately', t => {
  const stage = blackHole()
  const nodes = [nodeIn({ udp: HOLE }), nodeIn({ udp: HOLE })]
  const all = Array.from({ length: 200 }, (_, i) => passesOfDial(t, stage, (nodes[i % 2] as typeof nodes[0]).components, [QUIC]).length)

  t.deepEqual(all.flatMap((passed, i) => passed > 0 ? [i] : []), [198, 199])
})

test('blackHole() does not count dials without blocked addresses', t => {
  const { components, stage } = nodeIn({ udp: HOLE, ip6: HOLE })
  const all = Array.from({ length: 400 }, (_, i) => passesOfDial(t, stage, components, [i % 2 === 0 ? TCP : QUIC]))

  t.deepEqual(all.flatMap((passed, i) => passed.includes(QUIC) ? [i] : []), [199, 399])
})

testProp('blackHole() probes each kind separately, and a probe of one lets addresses of both pass', [fc.integer({ min: 0, max: 99 })], (t, offset) => {
  const { components, stage } = nodeIn({ udp: HOLE, ip6: HOLE })
  // IPv6 addresses appear later than UDP ones
  const passed = Array.from({ length: 200 }, (_, i) => passesOfDial(t, stage, components, i < offset ? [QUIC] : [QUIC, QUIC6, TCP6]))

  const expected = passed.map((_, index) => {
    const i = index + 1
    const [udp, ip6] = [i % 100 === 0, i > offset && (i - offset) % 100 === 0]

    return [...udp ? [QUIC] : [], ...i > offset && (udp || ip6) ? [QUIC6] : [], ...ip6 ? [TCP6] : []]
  })
  t.deepEqual(passed, expected)
}, { numRuns: 20 })

test('blackHole() counts an address of both kinds for each', t => {
  const { components, stage } = nodeIn({ udp: HOLE, ip6: HOLE })
  const all = Array.from({ length: 250 }, (_, i) => passesOfDial(t, stage, components, [i < 50 ? QUIC : QUIC6]))

  t.deepEqual(all.flatMap((passed, i) => passed.length > 0 ? [i + 1] : []), [100, 150, 200, 250])
})

test('blackHole() keeps user-given addresses', async t => {
  const trial = trialOf(t, { udp: HOLE })
  trial.give({ candidates: [cand(QUIC, { provenance: [{ source: 'user' }] }), cand(TCP)] })
  await trial.settle()
  t.deepEqual(said(trial), [`${QUIC} ${TCP}`])
})

test('blackHole() returns dropped addresses on the last call', async t => {
  const trial = trialOf(t, { udp: HOLE })
  trial.give({ candidates: [cand(QUIC), cand(TCP)] })
  await trial.settle()
  trial.lastCall()
  trial.target.invalidate()
  await trial.settle()
  t.deepEqual(said(trial), [TCP, `${QUIC} ${TCP}`])
})

test('a dial whose other addresses failed tries the blocked UDP ones', async t => {
  const peer = await newPeer()
  const history = Object.assign(new FakeHistory(), { paths: { udp: HOLE } })
  const [quic, tcp] = [QUIC, TCP].map(text => multiaddr(`${text}/p2p/${peer.toString()}`)) as [Multiaddr, Multiaddr]
  const stored = [quic, tcp].map(one => ({ multiaddr: one, isCertified: true }))
  const { engine, clock, network } = engineWorld(pipeline(fromPeerStore(), fromCaller(), blackHole(), race()), {}, { history, stored })
  network.script(quic.toString(), { connects: 10 })
  network.script(tcp.toString(), { refuses: 20 })

  t.is((await clock.until(engine.dial(peer))).remoteAddr.toString(), quic.toString())
  t.is(clock.now(), 30)
  stored.pop()
  t.is((await clock.until(engine.dial(peer, { force: true }))).remoteAddr.toString(), quic.toString())
  t.is(clock.now(), 40)
})

for (const [what, hosts, script, isDialled] of [
  ['24 addresses that refuse', (n: number) => `2a00:${n}::1`, { refuses: 20 }, true],
  ['24 silent addresses of one network', (n: number) => `2a00:1450::${n}`, 'silent', true],
  ['24 silent addresses of as many networks', (n: number) => `2a00:${n}::1`, 'silent', false]
] as const) {
  test(`a peer with ${what} ${isDialled ? 'does not make blackHole() drop' : 'makes blackHole() drop'} IPv6 addresses of others`, async t => {
    const [liar, honest] = await Promise.all([newPeer(), newPeer()])
    const { engine, clock, network } = engineWorld(pipeline(fromCaller(), source('stored', () => [multiaddr('/ip6/2a01:4f8::1/tcp/4001'), multiaddr('/ip4/7.7.7.7/tcp/4001')]), blackHole(), race()), {}, { settings: { dialTimeout: 60_000 } })
    const addresses = Array.from({ length: 24 }, (_, n) => multiaddr(`/ip6/${hosts(n + 1)}/tcp/4001/p2p/${liar}`))
    addresses.forEach(one => { network.script(one.toString(), script) })
    network.script(`/ip6/2a01:4f8::1/tcp/4001/p2p/${liar}`, 'silent')
    network.script(`/ip6/2a01:4f8::1/tcp/4001/p2p/${honest}`, { connects: 30 })
    network.script(`/ip4/7.7.7.7/tcp/4001/p2p/${honest}`, { connects: 300 })
    await t.throwsAsync(clock.until(engine.dial(addresses)), { name: 'AggregateError' })

    const { remoteAddr } = await clock.until(engine.dial(honest))
    t.is(remoteAddr.toString().startsWith('/ip6/'), isDialled)
  })
}
