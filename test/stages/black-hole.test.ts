import { fc, testProp } from '@fast-check/ava'
import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { pathKindsOf } from '../../src/address/path.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { source } from '../../src/pipeline/source.ts'
import { make } from '../../src/pipeline/run.ts'
import { blackHole } from '../../src/stages/black-hole.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { race } from '../../src/stages/race.ts'
import { candidate } from '../../src/pipeline/candidate.ts'
import { testDial } from '../../src/testing/test-dial.ts'
import { engineWorld, newPeer, world } from '../helpers/scripted.ts'
import { dose } from '../support/dose.ts'
import { cand, PEER, reason, said, tryOut } from '../testing/try-out.ts'
import { address } from './addresses.ts'
import { FakeHistory } from './fake-history.ts'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Candidate, PathRecord } from '../../src/pipeline/types.ts'
import type { Trial } from '../../src/testing/compliance/trial.ts'
import type { ExecutionContext } from 'ava'

const QUIC = '/ip4/8.8.8.8/udp/1/quic-v1'
const QUIC6 = '/ip6/2a00:1450::1/udp/1/quic-v1'
const TCP = '/ip4/8.8.8.8/tcp/1'
const TCP6 = '/ip6/2a00:1450::1/tcp/1'
const ALL = [QUIC, QUIC6, TCP, TCP6]

const HOLE: PathRecord = { successes: 0, failures: 25, failuresInARow: 25 }

function trialOf (t: ExecutionContext, paths: FakeHistory['paths']): Trial {
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

/** One node that dials over and over: whether each of the addresses was let through, dial by dial */
async function dials (count: number, history: FakeHistory, addresses: readonly string[]): Promise<boolean[][]> {
  const { components } = world({}, { history })
  const { init, stage } = make(blackHole(), components)
  const candidates = addresses.map(one => candidate(multiaddr(one), PEER))
  const all: boolean[][] = []

  for (let i = 0; i < count; i++) {
    const { dial, end } = testDial({ components, peerId: PEER })
    const list = { kind: 'candidates' as const, candidates, complete: true, revision: 0 }
    const lists: boolean[][] = []

    for await (const { candidates: kept } of stage.run((async function * () { yield list; yield { ...list, revision: 1 } })(), dial)) {
      lists.push(candidates.map(one => kept.includes(one)))
    }

    // asked again it says the same
    if (`${lists[0]}` !== `${lists[1]}` || init.name !== 'black-hole') {
      throw new Error(`${lists}`)
    }

    all.push(lists[0] as boolean[])
    end()
  }

  return all
}

test('while nothing comes through over UDP, addresses over UDP are dropped', async t => {
  t.deepEqual(await passes(t, { udp: HOLE }), [TCP, TCP6])
})

test('the same of IPv6, and of both', async t => {
  t.deepEqual(await passes(t, { ip6: HOLE }), [QUIC, TCP])
  t.deepEqual(await passes(t, { udp: HOLE, ip6: HOLE }), [TCP])
  t.deepEqual(await passes(t, {}), ALL)
})

test('says what was dropped for what', async t => {
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
  test(`${what}: ${isBlocked ? '' : 'not '}blocked`, async t => {
    t.is((await passes(t, { udp: record })).includes(QUIC), !isBlocked)
  })
}

testProp('private, loopback and relayed addresses, and TCP over IPv4, are never dropped', [address], async (t, address) => {
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

test('what stays in this network, and what is nobody\'s business yet', async t => {
  const relay = '/p2p/12D3KooW9xBQPBhK5VHb8qniBUZVxmS365bjfpQngjpBduihLiPM/p2p-circuit'
  const spared = [
    '/ip4/10.0.0.1/udp/1/quic-v1', '/ip4/127.0.0.1/udp/1/quic-v1', '/ip4/192.168.1.1/udp/1/webrtc-direct', '/ip6/::1/tcp/1', '/ip6/fd00::1/udp/1/quic-v1', '/ip6/fe80::1/tcp/1',
    `${QUIC}${relay}`, `${TCP6}${relay}`, '/dns4/example.com/udp/1/quic-v1', '/dns6/example.com/tcp/443/wss', '/memory/x'
  ]
  t.deepEqual(await passes(t, { udp: HOLE, ip6: HOLE }, spared), spared)
})

test('what is over UDP: QUIC, WebTransport, WebRTC-direct', t => {
  for (const rest of ['/udp/1/quic-v1', '/udp/1/quic', '/udp/1/quic-v1/webtransport', '/udp/1/webrtc-direct']) {
    t.deepEqual(pathKindsOf(multiaddr(`/ip4/8.8.8.8${rest}`)), ['udp'], rest)
    t.deepEqual(pathKindsOf(multiaddr(`/ip6/2a00:1450::1${rest}`)), ['udp', 'ip6'], rest)
  }

  t.deepEqual(pathKindsOf(multiaddr('/ip6/2a00:1450::1/tcp/1/ws')), ['ip6'])
  t.deepEqual(pathKindsOf(multiaddr(TCP)), [])
})

test('one dial of 100 with such addresses tries them', async t => {
  const history = Object.assign(new FakeHistory(), { paths: { udp: HOLE } })
  const all = await dials(300, history, [QUIC, TCP])

  t.deepEqual(all.flatMap(([quic], i) => quic === true ? [i + 1] : []), [100, 200, 300])
  t.true(all.every(([, tcp]) => tcp))
})

test('a dial without such addresses does not count', async t => {
  const history = Object.assign(new FakeHistory(), { paths: { udp: HOLE, ip6: HOLE } })
  const { components } = world({}, { history })
  const { stage } = make(blackHole(), components)
  const seen: number[] = []

  for (let i = 0; i < 400; i++) {
    const one = candidate(multiaddr(i % 2 === 0 ? TCP : QUIC), PEER)
    const { dial, end } = testDial({ components, peerId: PEER })

    for await (const { candidates } of stage.run((async function * () { yield { kind: 'candidates' as const, candidates: [one], complete: true, revision: 0 } })(), dial)) {
      seen.push(i % 2 === 0 ? 0 : candidates.length)
    }

    end()
  }

  t.deepEqual(seen.flatMap((one, i) => one > 0 ? [i] : []), [199, 399])
})

testProp('while one kind probes, an address of both passes, and each kind probes on its own', [fc.integer({ min: 0, max: 99 })], async (t, offset) => {
  const history = Object.assign(new FakeHistory(), { paths: { udp: HOLE, ip6: HOLE } })
  const { components } = world({}, { history })
  const { stage } = make(blackHole(), components)
  const passed: string[] = []

  for (let i = 1; i <= 200; i++) {
    // IPv6 is met later than UDP
    const addresses = i <= offset ? [QUIC] : [QUIC, QUIC6, TCP6]
    const { dial, end } = testDial({ components, peerId: PEER })
    const candidates = addresses.map(one => candidate(multiaddr(one), PEER))

    for await (const list of stage.run((async function * () { yield { kind: 'candidates' as const, candidates, complete: true, revision: 0 } })(), dial)) {
      passed.push(list.candidates.map((one: Candidate) => candidates.indexOf(one)).join())
    }

    end()
  }

  const expected = passed.map((_, index) => {
    const i = index + 1
    const [udp, ip6] = [i % 100 === 0, i > offset && (i - offset) % 100 === 0]

    return [udp ? 0 : -1, i > offset && (udp || ip6) ? 1 : -1, ip6 ? 2 : -1].filter(n => n >= 0).join()
  })
  t.deepEqual(passed, expected)
}, { numRuns: 20 })

test('an address of both kinds counts for each of them', async t => {
  const history = Object.assign(new FakeHistory(), { paths: { udp: HOLE, ip6: HOLE } })
  const { components } = world({}, { history })
  const { stage } = make(blackHole(), components)
  const passed: number[] = []

  for (let i = 1; i <= 250; i++) {
    const one = candidate(multiaddr(i <= 50 ? QUIC : QUIC6), PEER)
    const { dial, end } = testDial({ components, peerId: PEER })

    for await (const { candidates } of stage.run((async function * () { yield { kind: 'candidates' as const, candidates: [one], complete: true, revision: 0 } })(), dial)) {
      passed.push(...candidates.map(() => i))
    }

    end()
  }

  t.deepEqual(passed, [100, 150, 200, 250])
})

test('what the caller named is tried', async t => {
  const trial = trialOf(t, { udp: HOLE })
  trial.give({ candidates: [cand(QUIC, { provenance: [{ source: 'user' }] }), cand(TCP)] })
  await trial.settle()
  t.deepEqual(said(trial), [`${QUIC} ${TCP}`])
})

test('a dial whose other addresses have failed tries those over UDP', async t => {
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
  test(`a peer with ${what} ${isDialled ? 'does not hide' : 'hides'} IPv6 from the node`, async t => {
    const [liar, honest] = await Promise.all([newPeer(), newPeer()])
    const { engine, clock, network } = engineWorld(pipeline(fromCaller(), source('stored', () => [multiaddr('/ip6/2a01:4f8::1/tcp/4001'), multiaddr('/ip4/7.7.7.7/tcp/4001')]), blackHole(), race()), {}, { settings: { dialTimeout: 60_000 } })
    const addresses = Array.from({ length: 24 }, (_, n) => multiaddr(`/ip6/${hosts(n + 1)}/tcp/4001/p2p/${liar}`))
    addresses.forEach(one => { network.script(one.toString(), script) })
    network.script(`/ip6/2a01:4f8::1/tcp/4001/p2p/${liar}`, 'silent')
    network.script(`/ip6/2a01:4f8::1/tcp/4001/p2p/${honest}`, { connects: 30 })
    network.script(`/ip4/7.7.7.7/tcp/4001/p2p/${honest}`, { connects: 300 })
    await t.throwsAsync(clock.until(engine.dial(addresses)))

    const { remoteAddr } = await clock.until(engine.dial(honest))
    t.is(remoteAddr.toString().startsWith('/ip6/'), isDialled)
  })
}
