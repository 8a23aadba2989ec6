import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { adaptive, aggressive, frugal, staggered } from '../../presets/index.ts'
import { byHistory } from '../../src/stages/by-history.ts'
import { address } from '../helpers/address.ts'
import { has } from '../helpers/has.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { all, MIX, play } from './scene.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const { loopback, tcp, quic4, quic6, wss, relayed } = MIX
/** Without the one dial in fifty that keeps the input's order */
const steady = ({ costPerDial }: { costPerDial?: number } = {}) => adaptive({ costPerDial }).replace('by-history', byHistory({ costPerDial, explore: 0 }))

test('adaptive() dials addresses with fewer round trips first and relayed ones last on a new node', async t => {
  const { dialled } = await play(steady(), { given: [relayed, tcp, quic4] })

  t.deepEqual(dialled, [quic4, tcp, relayed])
})

test('adaptive() keeps libp2p\'s order for addresses of about the same rating', async t => {
  const given = ['/ip4/8.8.4.4/tcp/4001', tcp, '/ip4/8.8.4.5/tcp/4002']

  t.deepEqual((await play(steady(), { given: [loopback, ...given] })).dialled, [...given, loopback])
})

test('adaptive() dials a second site after 10 ms on a new node, and all addresses within 400 ms', async t => {
  const { times } = await play(steady(), { given: [quic4, quic6, tcp, wss] })
  const [, second = NaN, third = NaN] = times

  t.is(second, 10)
  t.true(third > 100 && third < 250, `${times}`)
  t.true((times.at(-1) ?? NaN) < 400, `${times}`)
  times.slice(1).forEach((at, i) => { t.true(at - (times[i] ?? NaN) >= 10, `${times}`) })
})

test('frugal() makes fewer attempts than adaptive(), and aggressive() more', async t => {
  const given = [1, 2, 3, 4, 5, 6].map(n => `/ip4/8.8.8.${n}/tcp/4001`)
  const [few, some, many] = await Promise.all([frugal(), adaptive(), aggressive()].map(async preset => (await play(preset, { given })).times.at(-1) ?? NaN)) as [number, number, number]

  t.true(few > some && some > many, `${few} ${some} ${many}`)
})

test('adaptive() asks the peer store and routing only without the caller\'s addresses, and routing after stored ones failed', async t => {
  has(t, await play(adaptive(), { given: [tcp], stored: [wss], routed: [quic4], network: all([tcp], { refuses: 10 }) }), { dialled: [tcp], asked: 0 })
  has(t, await play(adaptive(), { stored: [wss], routed: [quic4], network: all([wss], { refuses: 10 }) }), { dialled: [wss, quic4], asked: 1 })
  has(t, await play(adaptive(), { routed: [quic4] }), { dialled: [quic4], asked: 1 })
})

test('adaptive() gives up a silent peer\'s stored addresses, and dials all that the caller named', async t => {
  const peer = await newPeer()
  const addresses = Array.from({ length: 25 }, (_, i) => address(i + 1, peer))
  const stored = engineWorld(adaptive(), {}, { stored: addresses.map(one => ({ multiaddr: one, isCertified: false })) })
  await t.throwsAsync(stored.clock.until(stored.engine.dial(peer)), { name: 'AggregateError' })
  const given = engineWorld(adaptive())
  await t.throwsAsync(given.clock.until(given.engine.dial(addresses)), { name: 'TimeoutError' })

  t.true(stored.network.dialled.length < 25, `${stored.network.dialled.length}`)
  t.is(new Set(given.network.dialled).size, 25)
})

test('adaptive() connects to the last of 25 stored addresses in the second dial, although it gave up on the silent others', async t => {
  const peer = await newPeer()
  const numbers = Array.from({ length: 25 }, (_, i) => i + 1)
  const { engine, clock } = engineWorld(steady(), { 25: { connects: 240, firstResponse: 80 } }, { stored: numbers.map(n => ({ multiaddr: multiaddr(`/ip4/192.0.2.${n}/tcp/4001`), isCertified: false })) })

  await t.throwsAsync(clock.until(engine.dial(peer)), { message: /gave up/ })
  await clock.advance(60_000)

  t.is((await clock.until(engine.dial(peer))).remoteAddr.toString(), address(25, peer).toString())
})

test('adaptive() connects although round trips have become a hundred times longer, and the good one of 12 addresses gave way', async t => {
  const peer = await newPeer()
  const numbers = Array.from({ length: 12 }, (_, i) => i + 1)
  const fast = Object.fromEntries(numbers.map(n => [n, { firstResponse: 19, connects: 57 }]))
  const { engine, clock, network } = engineWorld(steady(), fast, { stored: numbers.map(n => ({ multiaddr: address(n), isCertified: false })) })

  for (let i = 0; i < 20; i++) {
    await (await clock.until(engine.dial(await newPeer()))).close()
    await clock.advance(1_000)
  }

  numbers.forEach(n => { network.script(address(n).toString(), n === 1 ? { firstResponse: 1_900, connects: 5_700 } : 'silent') })
  const before = network.attempts.length

  t.is((await clock.until(engine.dial(peer))).remoteAddr.toString(), address(1, peer).toString())
  t.is(network.dialled.slice(before).filter(one => one === address(1).toString()).length, 2)
})

test('adaptive() has libp2p\'s order and rating by history, and throws for an invalid costPerDial', t => {
  for (const costPerDial of [NaN, -1]) {
    t.throws(() => adaptive({ costPerDial }), { name: 'InvalidPipelineError' })
  }

  t.deepEqual(adaptive().stages.map(({ name }) => name), [
    'from-caller', 'from-known', 'from-routing', 'resolve', 'provenance', 'dialable', 'scope', 'gater', 'black-hole', 'backoff', 'give-up',
    'libp2p-order', 'by-history', 'quota', 'by-local-hearsay', 'take', 'odds-pace', 'local-hearsay-later', 'race', 'converge'
  ])
})

test('forty addresses from one DHT peer do not keep adaptive() from the one that the peer named itself', async t => {
  const peer = await newPeer()
  const at = (n: number): Multiaddr => multiaddr(`/ip4/5.${n}.2.1/tcp/4001/p2p/${peer.toString()}`)
  const junk = Array.from({ length: 40 }, (_, i) => at(i + 1))
  const known = [...junk.map(one => ({ multiaddr: one, isCertified: false, provenance: [{ source: 'dht', reporter: 'mallory' }] })), { multiaddr: at(200), isCertified: false, provenance: [{ source: 'identify', reporter: peer.toString() }] }]
  const { engine, clock, network } = engineWorld(adaptive(), {}, {
    addressBook: { isAttributed: true, query: () => known },
    stored: [...junk, at(200)].map(one => ({ multiaddr: one, isCertified: false }))
  })
  network.script(at(200).toString(), { connects: 30 })

  t.is((await clock.until(engine.dial(peer))).remoteAddr.toString(), at(200).toString())
})

for (const [name, preset] of [['adaptive', adaptive], ['staggered', staggered]] as const) {
  test(`${name}() resolves with a limited connection, without asking routers, when the direct address refuses`, async t => {
    const [peer, relay] = await Promise.all([newPeer(), newPeer()])
    let lookups = 0
    const { engine, clock, components } = engineWorld(preset(), { 1: { refuses: 20 } }, {
      stored: [{ multiaddr: address(1, peer), isCertified: false }],
      routed: async () => {
        lookups++
        return []
      }
    })
    const limited: any = { status: 'open', limits: {}, direct: false, remotePeer: peer, remoteAddr: multiaddr(`/ip4/192.0.2.99/tcp/1/p2p/${relay.toString()}/p2p-circuit/p2p/${peer.toString()}`), newStream: () => {}, close: async () => {} }
    components.connectionManager.getConnections = id => id == null || id.equals(peer) ? [limited] : []

    t.is(await clock.until(engine.dial(peer)), limited)
    t.is(lookups, 0)
    t.true(clock.now() < 1_100, `${clock.now()}`)
  })
}

test('adaptive() retries an address that failed a second ago while a router is slow', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(adaptive(), { 1: { refuses: 1 } }, {
    stored: [{ multiaddr: address(1, peer), isCertified: false }],
    routed: async () => new Promise(resolve => { clock.setTimeout(() => { resolve([]) }, 30_000) })
  })

  for (let i = 0; i < 4; i++) {
    const before = network.attempts.length
    const controller = new AbortController()
    clock.setTimeout(() => { controller.abort() }, 1_500)
    await t.throwsAsync(clock.until(engine.dial(peer, { signal: controller.signal })))
    t.true(network.attempts.length > before, `dial ${i}`)
  }
})

for (const [what, dead] of Object.entries({ refuse: { refuses: 2 }, 'are silent': 'silent' } as const)) {
  test(`adaptive() dials the good address first when a peer is back, although its seven others ${what}`, async t => {
    const peer = await newPeer()
    const numbers = [1, 2, 3, 4, 5, 6, 7, 8]
    const good = address(8, peer)
    const { engine, clock, network } = engineWorld(steady(), Object.fromEntries(numbers.map(n => [n, dead])), { stored: numbers.map(n => ({ multiaddr: address(n, peer), isCertified: false })) })
    network.script(address(8).toString(), { connects: 20 })
    await (await clock.until(engine.dial(peer))).close()
    network.script(address(8).toString(), dead)
    const gone = clock.now()

    while (clock.now() - gone < 40_000) {
      await t.throwsAsync(clock.until(engine.dial(peer)), { name: 'AggregateError' })
      await clock.advance(1_000)
    }

    network.script(address(8).toString(), { connects: 20 })
    const [before, back] = [network.attempts.length, clock.now()]

    t.is((await clock.until(engine.dial(peer))).remoteAddr.toString(), good.toString())
    t.is(network.attempts[before]?.multiaddr, good.toString())
    t.true(clock.now() - back < 100, `${clock.now() - back}`)
  })
}

test('adaptive() dials the old, now silent port of a moved peer at most twice', async t => {
  const peer = await newPeer()
  const [before, after] = [4_001, 4_002].map(port => `/ip4/192.0.2.1/tcp/${port}`) as [string, string]
  const at = (one: string) => ({ multiaddr: multiaddr(`${one}/p2p/${peer}`), isCertified: false })
  const stored = [at(before)]
  const { engine, clock, network } = engineWorld(steady(), {}, { stored })
  const attempted = async (): Promise<string[]> => {
    const { length } = network.attempts
    await (await clock.until(engine.dial(peer))).close()

    return network.attempts.slice(length).map(({ multiaddr }) => multiaddr.replace(/\/p2p\/.*/, ''))
  }
  network.script(before, { connects: 40, firstResponse: 10 })
  network.script(after, { connects: 40, firstResponse: 10 })

  t.deepEqual(await attempted(), [before])
  network.script(before, { connects: Infinity, firstResponse: 10 })
  stored.push(at(after))
  t.deepEqual(await attempted(), [before, after])
  await attempted()

  for (let i = 0; i < 5; i++) {
    t.deepEqual(await attempted(), [after])
  }
})

test('adaptive() dials the addresses of a refusing peer about as often as libp2p, one after another', async t => {
  const peer = await newPeer()
  const numbers = [1, 2, 3, 4]
  const { engine, clock, network } = engineWorld(adaptive(), Object.fromEntries(numbers.map(n => [n, { refuses: 25 }])), { stored: numbers.map(n => ({ multiaddr: address(n, peer), isCertified: false })) })

  for (let i = 0; i < 20; i++) {
    await t.throwsAsync(clock.until(engine.dial(peer)), { name: 'AggregateError' })
  }

  t.is(network.attempts.length, 20 * numbers.length)
  t.true(clock.now() >= 0.95 * network.attempts.length * 25, `${clock.now()}`)
})
