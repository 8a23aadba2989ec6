import { fc, testProp } from '@fast-check/ava'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { guardedPrefixes } from '../../../src/dialer/attempts/guarded-prefixes.ts'
import { candidate } from '../../../src/pipeline/candidate.ts'
import { pace, pipeline } from '../../../src/pipeline/index.ts'
import { fromAddressBook } from '../../../src/stages/from-address-book.ts'
import { fromBootstrap } from '../../../src/stages/from-bootstrap.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../../src/stages/from-peer-store.ts'
import { lookup } from '../../../src/stages/lookup.ts'
import { NameAnswers } from '../../../src/pipeline/name-answers.ts'
import { nodeState } from '../../../src/pipeline/runtime/make-stage.ts'
import { race } from '../../../src/stages/race.ts'
import { sequential } from '../../../src/stages/sequential.ts'
import { settled } from '../../../src/testing/virtual-clock.ts'
import { engineWorld, newPeer, world } from '../../helpers/scripted.ts'
import { dose } from '../../support/dose.ts'
import { at, flooded, inFlight, patient, signed } from '../flooded.ts'
import { runInSlots, slotsOf } from './slot-run.ts'
import type { SlotRun } from './slot-run.ts'
import type { EngineWorld } from '../../helpers/scripted.ts'
import type { SlotsInit } from '../../../src/dialer/attempts/slots.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

test('1,000 routing addresses of one /24 have at most eight attempts in flight, and each is dialled', async t => {
  const node = flooded()
  await node.flood(1_000)
  let most = 0

  for (let second = 0; node.engine.dials.running.size > 0; second++) {
    most = Math.max(most, inFlight(node))
    await node.clock.advance(1_000)
    t.true(second < 1_000)
  }

  t.is(most, 8)
  // each attempt leaves its prefix slot once, except the last seven: the eighth slot is of an attempt that has already left
  t.is(node.network.attempts.length, 2_000 - 7)
  t.is(node.clock.pending, 0)
})

for (const [slots, count] of [[{ prefix: 3 }, 3], [{ prefix: Infinity }, 20], [{ prefix: 12, node: 5 }, 5]] as const) {
  test(`with slots ${JSON.stringify(slots)}, ${count} of 20 addresses of one prefix are in flight`, async t => {
    const node = flooded({ slots })
    await node.flood(20)
    t.is(inFlight(node), count)
    node.engine.stop()
  })
}

test('a user-named address does not wait for prefix slots', async t => {
  const node = flooded()
  await node.flood(100)
  const given = at(777).encapsulate(`/p2p/${(await newPeer()).toString()}`)
  node.network.script(given.toString(), { connects: 10 })
  const begin = node.clock.now()
  const { engine } = node
  const connection = await node.clock.until(engine.dial(given, patient()))

  t.is(connection.remoteAddr.toString(), given.toString())
  t.is(node.clock.now() - begin, 10)
  engine.stop()
})

for (const [who, options] of [['who joins the dial', {}], ['another dial', { force: true }]] as const) {
  test(`an address waiting for its prefix slot starts when ${who} names it`, async t => {
    const node = flooded()
    await node.flood(100)
    const peer = await newPeer()
    const heard = node.engine.dial(peer, patient())
    // the next address after the 100 that routers name
    const given = at(100).encapsulate(`/p2p/${peer.toString()}`)
    await node.clock.advance(100)
    node.network.script(given.toString(), { connects: 10 })
    t.false(node.network.dialled.includes(at(100).toString()))
    const begin = node.clock.now()
    const connection = await node.clock.until(node.engine.dial(given, { ...patient(), ...options }))

    t.is(connection.remoteAddr.toString(), given.toString())
    t.true(node.clock.now() - begin <= 20)
    t.is(await heard, connection)
    t.is(node.network.dialled.filter(one => one === at(100).toString()).length, 1)
    node.engine.stop()
    await node.clock.advance(0)
    t.is(node.clock.pending, 0)
  })
}

test('an address of a signed record does not wait for prefix slots', async t => {
  const node = flooded({ booked: [signed(at(777))] })
  node.network.script(at(777).toString(), { connects: 10 })
  await node.flood(100)
  // each peer has one signed address and one from routing, which eight dials try first
  await node.clock.advance(270)
  t.is(node.network.open.length, 100)
  t.true(inFlight(node) <= 8)
  node.engine.stop()
})

/** An address of a signed record in another network */
const elsewhere = multiaddr('/ip4/9.9.9.9/tcp/1')

/** A node that knows the same address in the victim's network for each peer, and others after it */
function stored (slots: SlotsInit, ...others: Multiaddr[]): EngineWorld {
  const heard = { multiaddr: at(0), isCertified: false, provenance: [{ source: 'dht' }] }

  return engineWorld(pipeline(fromAddressBook(), sequential(), race()), {}, {
    addressBook: { query: () => [heard, ...others.map(signed)] },
    slots
  })
}

test('an address waiting for its prefix slot does not delay other addresses of its dial', async t => {
  const node = stored({ prefix: 1 }, elsewhere)
  const [first, second] = await Promise.all([newPeer(), newPeer()])
  node.engine.dial(first, patient()).catch(() => {})
  await node.clock.advance(100)
  node.network.script(elsewhere.toString(), { connects: 10 })
  const connection = await node.clock.until(node.engine.dial(second, patient()))

  t.true(connection.remoteAddr.toString().startsWith(elsewhere.toString()))
  t.is(node.clock.now(), 110)
  t.is(inFlight(node), 1)
  node.engine.stop()
  await node.clock.advance(0)
  t.is(node.clock.pending, 0)
})

test('an address waiting for its prefix slot does not delay other addresses of a dial that shares it', async t => {
  const node = stored({ prefix: 1 }, elsewhere)
  const [first, second] = await Promise.all([newPeer(), newPeer()])
  node.engine.dial(first, patient()).catch(() => {})
  await node.clock.advance(100)
  node.network.script(elsewhere.toString(), { connects: 1_000 })
  const dials = [node.engine.dial(second, patient())]
  await node.clock.advance(100)
  dials.push(node.engine.dial(second, { ...patient(), force: true }))
  const [one, other] = await node.clock.until(Promise.all(dials))

  t.is(one, other)
  t.is(node.clock.now(), 1_100)
  node.engine.stop()
})

test('an address that gets its prefix slot counts as in flight, and the pace goes on from its start', async t => {
  const last = multiaddr('/ip4/9.9.9.8/tcp/1')
  const node = stored({ prefix: 1 }, elsewhere, last)
  const [first, second] = await Promise.all([newPeer(), newPeer()])
  // the first attempt leaves its prefix slot after a while
  node.network.script(`${at(0).toString()}/p2p/${first.toString()}`, { connects: 3_000, firstResponse: 10 })
  node.engine.dial(first, patient()).catch(() => {})
  await node.clock.advance(0)
  node.network.script(`${elsewhere.toString()}/p2p/${second.toString()}`, { refuses: 3_005 })
  node.engine.dial(second, patient()).catch(() => {})
  await node.clock.advance(15_000)
  const of = (multiaddr: Multiaddr): number[] => node.network.attempts.filter(one => one.multiaddr === `${multiaddr.toString()}/p2p/${second.toString()}`).map(({ at }) => at)

  t.deepEqual([elsewhere, at(0), last].map(of), [[0], [10], [6_010]])
  node.engine.stop()
})

test('an attempt that leaves does not reset the slots of a prefix with others in flight', async t => {
  const slots = slotsOf({ prefix: 1 })
  const started: string[] = []
  let end = (): void => {}
  const run = async (id: string, { signal } = new AbortController()): Promise<void> => runInSlots(slots, { peer: id, prefixes: ['victim'], signal }, async () => {
    started.push(id)
    await new Promise<void>(resolve => { end = resolve })
  }).ended
  const leaving = new AbortController()
  const [a, b] = [run('a'), run('b', leaving)]
  await settled()
  leaving.abort(new Error('left'))
  await t.throwsAsync(b, { message: 'left' })
  const c = run('c')
  await settled()
  t.deepEqual(started, ['a'])
  end()
  await settled()
  t.deepEqual(started, ['a', 'c'])
  end()
  await Promise.all([a, c])
})

test('an address waiting for its prefix slot is dialled when it gets it, although all others have failed', async t => {
  const node = flooded({ slots: { prefix: 1 } })
  await node.flood(1)
  const bad = multiaddr('/ip4/9.9.9.9/tcp/1')
  node.network.script(bad.toString(), { refuses: 10 })
  node.network.script(at(1).toString(), { connects: 10 })
  const peer = await newPeer()
  const connection = await node.clock.until(node.engine.dial([bad.encapsulate(`/p2p/${peer.toString()}`)], patient()))

  t.true(connection.remoteAddr.toString().startsWith(at(1).toString()))
  // the attempt before it had no response in the time of 49 of 50 first responses
  t.is(node.clock.now(), 335)
})

test('prefix slots do not limit different networks or private addresses', async t => {
  const node = flooded({ addresses: n => multiaddr(n % 2 === 0 ? `/ip4/5.6.${n % 100}.1/tcp/1` : `/ip4/10.0.0.${n}/tcp/1`) })
  await node.flood(100)
  t.is(inFlight(node), 100)
  node.engine.stop()
})

test('an attempt waiting for its prefix slot holds no peer slot', async t => {
  const slots = slotsOf({ prefix: 1, peer: 1 })
  const started: string[] = []
  const ends: Array<() => void> = []
  const run = async (id: string, peer: string, prefix?: string): Promise<void> => runInSlots(slots, { peer, prefixes: prefix == null ? [] : [prefix] }, async () => {
    started.push(id)
    await new Promise<void>(resolve => { ends.push(resolve) })
  }).ended
  const all = [run('a', 'first', 'victim'), run('b', 'second', 'victim'), run('c', 'second')]
  await settled()
  t.deepEqual(started.toSorted(), ['a', 'c'])
  ends.splice(0).forEach(end => { end() })
  await settled()
  t.is(started[2], 'b')
  ends.forEach(end => { end() })
  await Promise.all(all)
})

test('an attempt of several prefixes starts when all have a slot, and none waits for ever', async t => {
  const slots = slotsOf({ prefix: 1 })
  const started: string[] = []
  const ends = new Map<string, () => void>()
  const run = async (id: string, ...prefixes: string[]): Promise<void> => runInSlots(slots, { peer: id, prefixes }, async () => {
    started.push(id)
    await new Promise<void>(resolve => { ends.set(id, resolve) })
  }).ended
  const all = [run('a', 'x'), run('b', 'y'), run('c', 'x', 'y'), run('d', 'x', 'y')]
  await settled()
  t.deepEqual(started, ['a', 'b'])

  for (const [id, then] of [['a', 'a b'], ['b', 'a b c'], ['c', 'a b c d'], ['d', 'a b c d']] as const) {
    ends.get(id)?.()
    await settled()
    t.is(started.join(' '), then)
  }

  await Promise.all(all)
})

test('waiting attempts of a prefix start by priority, also one that is raised', async t => {
  const slots = slotsOf({ prefix: 1 })
  const started: string[] = []
  let end = (): void => {}
  const run = (id: string, priority = 50, prefix = 'victim'): SlotRun => runInSlots(slots, { peer: id, prefixes: [prefix], priority }, async () => {
    started.push(id)
    await new Promise<void>(resolve => { end = resolve })
  })
  const all = [run('a'), run('b'), run('c', 75), run('d')]
  await settled()
  all[3]?.ticket.raisePriority(100)

  for (let i = 0; i < 4; i++) {
    end()
    await settled()
  }

  await Promise.all(all.map(async ({ ended }) => ended))
  t.deepEqual(started, ['a', 'd', 'c', 'b'])
})

testProp('no slot limit is exceeded in random sequences of attempts', [fc.array(fc.record({
  peer: fc.integer({ min: 0, max: 3 }),
  prefixes: fc.uniqueArray(fc.integer({ min: 0, max: 2 })).map(numbers => numbers.toSorted((a, b) => a - b)),
  leaves: fc.boolean()
}), { maxLength: 60 }), fc.infiniteStream(fc.nat(100))], async (t, requests, picks) => {
  const limits = { node: 6, peer: 3, prefix: 2 }
  const slots = slotsOf(limits)
  const running = new Set<{ peer: number, prefixes: number[], end (): void }>()
  const most = { node: 0, peer: 0, prefix: 0 }

  function look (): void {
    const all = [...running]
    const same = (of: (one: typeof all[0]) => number[]): number => Math.max(0, ...all.flatMap(of).map(key => all.filter(other => of(other).includes(key)).length))
    most.node = Math.max(most.node, all.length)
    most.peer = Math.max(most.peer, same(({ peer }) => [peer]))
    most.prefix = Math.max(most.prefix, same(({ prefixes }) => prefixes))
  }

  const all = requests.map(async ({ peer, prefixes, leaves }) => {
    const controller = new AbortController()
    const run = runInSlots(slots, { peer: `${peer}`, prefixes: prefixes.map(String), signal: controller.signal }, async () => {
      await new Promise<void>(resolve => {
        const one = { peer, prefixes, end: () => { running.delete(one); resolve() } }
        running.add(one)
        look()
      })
    })

    if (leaves) {
      controller.abort(new Error('left'))
    }

    await run.ended.catch(() => {})
  })

  await settled()

  while (running.size > 0) {
    const [pick] = picks.take(1)
    ;[...running][(pick ?? 0) % running.size]?.end()
    await settled()
  }

  await Promise.all(all)
  t.true(most.node <= limits.node && most.peer <= limits.peer && most.prefix <= limits.prefix, JSON.stringify(most))
}, { numRuns: dose(30) })

const RELAY = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
const PEER = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))

function guarded (address: string, sources: string[] = ['routing'], connected: PeerId[] = []): string | undefined {
  const { components } = world({}, {
    connectionManager: { getConnections: (peer: PeerId) => connected.some(one => one.equals(peer)) ? [{ status: 'open' }] : [] } as any
  })

  const prefixes = guardedPrefixes(candidate(multiaddr(address), PEER, { isCertified: sources.includes('certified'), provenance: sources.filter(source => source !== 'certified').map(source => ({ source })) }), components)

  return prefixes.length === 0 ? undefined : prefixes.join(' ')
}

test('prefix slots apply to addresses of untrusted sources only', t => {
  for (const [sources, isGuarded] of [
    [['routing'], true],
    [[], true],
    [['peer-store', 'dns'], true],
    [['routing', 'user'], false],
    [['bootstrap'], false],
    [['bootstrap', 'dns'], false],
    [['identify', 'mdns', 'derived'], true],
    [['peer-store', 'certified'], false],
    [['routing', 'dialled'], false]
  ] as const) {
    t.is(guarded('/ip4/5.6.7.8/tcp/1', [...sources]) != null, isGuarded, sources.join())
  }
})

test('nine bootstrap peers of one /24 are dialled concurrently', async t => {
  const peers = await Promise.all(Array.from({ length: 9 }, newPeer))
  const node = engineWorld(pipeline(fromBootstrap(peers.map((peer, i) => at(i).encapsulate(`/p2p/${peer}`))), race()))
  peers.forEach(peer => { node.engine.dial(peer, patient()).catch(() => {}) })
  await node.clock.advance(0)

  t.is(inFlight(node), 9)
})

test('the guarded prefix is a /24, a /48 or a name', t => {
  t.is(guarded('/ip4/5.6.7.8/tcp/1'), guarded('/ip4/5.6.7.9/udp/2/quic-v1'))
  t.not(guarded('/ip4/5.6.7.8/tcp/1'), guarded('/ip4/5.6.8.8/tcp/1'))
  t.is(guarded('/ip6/2a00:1450:1:2::8/tcp/1'), guarded('/ip6/2a00:1450:1:ffff::9/udp/2/quic-v1'))
  t.not(guarded('/ip6/2a00:1450:1::8/tcp/1'), guarded('/ip6/2a00:1450:2::8/tcp/1'))
  t.is(guarded('/dns4/Victim.example/tcp/1'), guarded('/dns6/victim.example/tcp/443/wss'))
  t.deepEqual(['/ip4/10.0.0.1/tcp/1', '/ip4/127.0.0.1/tcp/1', '/ip6/fd00::1/tcp/1', '/memory/x'].map(one => guarded(one)), [undefined, undefined, undefined, undefined])
})

/** Returns a peer id in the form of AutoTLS names */
const id = (n: number): string => `k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozkse${n.toString(36).padStart(4, 'l')}`

/** Functions of the nth address at 198.41.0.4, each in another spelling */
const SPELLINGS: ReadonlyArray<(n: number) => string> = [
  n => `/ip4/198.41.0.4/tcp/${n}`,
  n => `/ip4/198.41.0.${n % 256}/udp/${n}/quic-v1`,
  n => `/ip6/::ffff:c629:4/tcp/${n}`,
  n => `/ip6/::c629:4/tcp/${n}`,
  n => `/ip6/64:ff9b::c629:4/tcp/${n}`,
  n => `/ip6/64:ff9b:1::c629:4/tcp/${n}`,
  n => `/ip6/64:ff9b:1:c629:0:400::/tcp/${n}`,
  n => `/ip6/2002:c629:4:${n.toString(16)}::1/tcp/${n}`,
  n => `/ip6/2001:0:${n.toString(16)}:1:8000:63bf:39d6:fffb/tcp/${n}`,
  n => `/ip6zone/eth${n}/ip6/::ffff:c629:4/tcp/${n}`,
  n => `/dns4/198.41.0.4/tcp/${n}`,
  n => `/dns/0xc6290004/tcp/${n}`,
  n => `/dns4/0306.051.4/tcp/${n}/ws`,
  n => `/dns6/::ffff:c629:4/tcp/${n}`,
  n => `/dns4/198-41-0-${n % 256}.${id(n)}.libp2p.direct/tcp/${n}/tls/ws`,
  n => `/dns4/198-41-0-4.${id(n).toUpperCase()}.LIBP2P.direct./tcp/${n}/tls/ws`,
  n => `/dns6/2002-c629-4-0-0--1.${id(n)}.libp2p.direct/tcp/${n}/tls/ws`,
  n => `/ip4/198.41.0.4/tcp/${n}/tls/sni/198-41-0-4.${id(n)}.libp2p.direct/ws`
]

test('an IPv4 network has one guarded prefix in each way that its addresses are written', t => {
  for (const spelling of SPELLINGS) {
    const address = spelling(1_000)
    t.true(guarded(address)?.split(' ').includes('198.41.0'), `${address}: ${guarded(address)}`)
  }
})

test('300 addresses of one host in different spellings have at most eight attempts in flight', async t => {
  const node = flooded({ addresses: n => multiaddr((SPELLINGS[n % SPELLINGS.length] as typeof SPELLINGS[0])(1_000 + n)) })
  await node.flood(300)
  let most = 0

  for (let second = 0; node.engine.dials.running.size > 0; second++) {
    most = Math.max(most, inFlight(node))
    await node.clock.advance(1_000)
    t.true(second < 1_000)
  }

  t.is(most, 8)
  t.is(new Set(node.network.attempts.map(({ multiaddr }) => multiaddr)).size, 300)
  t.is(node.clock.pending, 0)
})

test('100 AutoTLS names of 100 hosts are dialled concurrently', async t => {
  const node = flooded({ addresses: n => multiaddr(`/dns4/5-6-${n}-1.${id(n)}.libp2p.direct/tcp/4001/tls/ws`) })
  await node.flood(100)
  t.is(inFlight(node), 100)
  node.engine.stop()
})

for (const [what, address] of [
  ['names that one domain makes up', (n: number) => `/dns4/x${n}.y${n}.evil.example/tcp/443/wss`],
  ['the names of AutoTLS without an IP address', (n: number) => `/dns4/x${n}.${id(n)}.libp2p.direct/tcp/443/wss`],
  ['names that only look like those of AutoTLS', (n: number) => `/dns4/5-6-${n}-1.${id(n)}.libp2p.direct.evil.example/tcp/443/wss`],
  ['a name to which WebSockets connect, after other IP addresses', (n: number) => `/ip4/5.6.${n}.1/tcp/443/tls/sni/victim.example/ws`],
  ['spellings of a name', (n: number) => `/dns4/${n % 2 === 0 ? 'V' : 'v'}ictim.example${'.'.repeat(n % 2)}/tcp/${n + 1}/wss`]
] as const) {
  test(`at most eight attempts are in flight to ${what}`, async t => {
    const node = flooded({ addresses: n => multiaddr(address(n)) })
    await node.flood(50)
    t.is(inFlight(node), 8)
    node.engine.stop()
  })
}

test('the guarded prefix of a name is its last two labels, or three after a short one', t => {
  for (const [name, domain] of [
    ['a.b.example.com', 'example.com'],
    ['example.com', 'example.com'],
    ['a.b.shop.co.uk', 'shop.co.uk'],
    ['a.b.co.uk', 'b.co.uk'],
    ['a.shop.com.au', 'shop.com.au'],
    ['router', undefined],
    ['node-1.svc.cluster.local', undefined],
    ['db.corp.internal', undefined],
    ['a.b.EXAMPLE.com..', 'example.com']
  ]) {
    t.is(guarded(`/dns4/${name}/tcp/443/wss`), domain)
  }
})

test('a name that was resolved also counts under its answers\' prefixes, for five minutes', async t => {
  const { components, clock } = world()
  const wss = (name: string): string[] => guardedPrefixes(candidate(multiaddr(`/dns4/${name}/tcp/443/wss`), PEER), components)
  const answers = nodeState(components, NameAnswers)
  answers.record('victim.example', [Uint8Array.of(198, 41, 0, 4), Uint8Array.of(10, 0, 0, 1)])
  await clock.advance(100_000)
  answers.record('victim.example', [Uint8Array.of(5, 6, 7, 8), Uint8Array.of(198, 41, 0, 5)])
  answers.record('victim.example', [])

  t.deepEqual(wss('Victim.example.'), ['198.41.0', '5.6.7', 'victim.example'])
  t.deepEqual(wss('www.victim.example'), ['victim.example'])
  await clock.advance(299_999)
  t.is(wss('victim.example').length, 3)
  await clock.advance(1)
  t.deepEqual(wss('victim.example'), ['victim.example'])
})

test('lookup() records its answers for the prefixes of the same name over TLS', async t => {
  const query = async (name: string, { types: [type] }: { types: readonly number[] }): Promise<object> => ({ Answer: [{ name, type, TTL: 1, data: '198.41.0.4' }] })
  const node = engineWorld(pipeline(fromCaller(), lookup(), race()), { }, { dns: { query } as any })
  node.engine.dial(multiaddr(`/dns4/Names.example.com/tcp/1/p2p/${PEER}`), patient()).catch(() => {})
  await node.clock.advance(0)

  t.deepEqual(guardedPrefixes(candidate(multiaddr('/dns4/names.example.com/tcp/443/wss'), PEER), node.components), ['198.41.0', 'example.com'])
  node.engine.stop()
})

test('a relayed address has no guarded prefix of its own', t => {
  t.is(guarded(`/ip4/5.6.7.8/tcp/1/p2p/${RELAY.toString()}/p2p-circuit`), undefined)
  t.is(guarded(`/p2p/${RELAY.toString()}/p2p-circuit`), undefined)
})

for (const isCertified of [false, true]) {
  test(`a pace that starts all addresses at once stays within the prefix slots${isCertified ? ', also for addresses marked certified in the peer store' : ''}`, async t => {
    const many = Array.from({ length: 20 }, (_, n) => ({ multiaddr: at(n), isCertified }))
    const node = engineWorld(pipeline(fromPeerStore(), pace('eager', race => race.lastStart + 10), race()), {}, { stored: many, slots: { peer: 20 } })
    node.engine.dial(await newPeer(), patient()).catch(() => {})
    await node.clock.advance(1_000)
    t.is(inFlight(node), 8)
    node.engine.stop()
  })
}
