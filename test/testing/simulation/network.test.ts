import test from 'ava'
import { simulatedNetwork } from '../../../src/testing/index.ts'
import type { Script } from '../../../src/testing/index.ts'
import type { SimulatedNetworkInit, SimulatedPeer } from '../../../src/testing/index.ts'

const tcp = { transport: 'tcp' } as const

function peersOf (init: SimulatedNetworkInit, count = 400): SimulatedPeer[] {
  const network = simulatedNetwork(init)

  return Array.from({ length: count }, (_, n) => network.peer(n))
}

function scriptsOf (init: SimulatedNetworkInit, count?: number): Script[] {
  return peersOf(init, count).flatMap(({ addresses }) => addresses.map(({ script }) => script))
}

const connects = (script: Script): number => script !== 'silent' && 'connects' in script ? script.connects : NaN
const share = (scripts: readonly Script[], test: (script: Script) => boolean): number => scripts.filter(test).length / scripts.length
const medianOf = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN

test('a simulated network has the same peer for the same number and seed, and another for others', t => {
  const init = { addresses: [{ ...tcp, count: 3, good: 0.5 }], jitter: 0.2, loss: 0.05 }
  const text = (peer: SimulatedPeer): string => JSON.stringify({ ...peer, id: peer.id.toString(), addresses: peer.addresses.map(({ multiaddr, script }) => [multiaddr.toString(), script]) })
  const first = text(simulatedNetwork(init).peer(7))
  t.is(text(simulatedNetwork(init).peer(7)), first)
  t.not(text(simulatedNetwork(init).peer(8)), first)
  t.not(text(simulatedNetwork({ ...init, seed: 2 }).peer(7)), first)
})

test('a simulated peer keeps its addresses on another visit, with other jitter', t => {
  const network = simulatedNetwork({ addresses: [{ ...tcp, count: 20, good: 0.5 }], jitter: 0.2 })
  const [before, after] = [network.peer(3), network.peer(3, 1)]
  t.is(after.id.toString(), before.id.toString())
  t.deepEqual(after.addresses.map(({ multiaddr }) => multiaddr.toString()), before.addresses.map(({ multiaddr }) => multiaddr.toString()))
  t.deepEqual(after.addresses.map(({ script }) => script === 'silent'), before.addresses.map(({ script }) => script === 'silent'))
  t.notDeepEqual(after.addresses.map(({ script }) => script), before.addresses.map(({ script }) => script))
})

test('bad addresses refuse, stall or are silent in the given shares', t => {
  const scripts = scriptsOf({ addresses: [{ ...tcp, count: 20, good: 0.3, refuses: 0.4, stalls: 0.2 }] })
  const isRefusal = (script: Script): boolean => script !== 'silent' && 'refuses' in script
  t.true(Math.abs(share(scripts, isRefusal) - 0.7 * 0.4) < 0.02)
  t.true(Math.abs(share(scripts, script => script === 'silent') - 0.7 * 0.4) < 0.02)
  t.true(Math.abs(share(scripts, script => connects(script) > 1e9) - 0.7 * 0.2) < 0.02)
})

test('an online peer has a good address, and its limit is the time of the best', t => {
  for (const { addresses, limit } of peersOf({ addresses: [{ ...tcp, count: 8, good: 0.1 }] })) {
    t.is(limit, Math.min(...addresses.map(({ script }) => connects(script)).filter(ms => ms > 0)))
    t.true(limit > 9 && limit < 10_000, `${limit}`)
  }
})

test('all addresses of an offline peer are dead together, and its relays refuse', t => {
  const peers = peersOf({ addresses: [tcp, { transport: 'quic' }, { transport: 'relay' }], online: 0.6 })
  const offline = peers.filter(({ limit }) => limit === Infinity)
  t.true(Math.abs(offline.length / peers.length - 0.4) < 0.06)
  offline.forEach(({ addresses }) => { t.like(addresses.map(({ script }) => script), ['silent', 'silent', { error: { message: 'The relay has no reservation of the peer' } }]) })
})

test('a simulated transport connects after its number of round trips', t => {
  const after = (transport: 'tcp' | 'quic' | 'ws' | 'wss'): Script | undefined => scriptsOf({ addresses: [{ transport, roundTrip: 100 }], spread: 1e-9 }, 1)[0]
  const rounded = (script: Script | undefined): unknown => script == null ? undefined : Object.values(script).map(ms => Math.round(Number(ms)))
  t.deepEqual(rounded(after('tcp')), [309, 100])
  t.deepEqual(rounded(after('quic')), [104])
  t.deepEqual(rounded(after('ws')), [411, 200])
  t.deepEqual(rounded(after('wss')), [515, 300])
})

test('simulated round trips have the given median', t => {
  for (const roundTrip of [1, 80, 300]) {
    const median = medianOf(scriptsOf({ addresses: [{ transport: 'quic', count: 4 }], roundTrip }).map(script => connects(script) - 4))
    t.true(median > roundTrip * 0.93 && median < roundTrip * 1.07, `${median}`)
  }
})

test('addresses of one simulated host share its IP address and round trip', t => {
  for (const { addresses } of peersOf({ addresses: [tcp, { transport: 'tcp' }, { transport: 'tcp', version: 6 }], oneHost: true }, 20)) {
    t.is(new Set(addresses.map(({ script }) => connects(script))).size, 1)
    t.is(new Set(addresses.map(({ multiaddr }) => multiaddr.getComponents()[0]?.value)).size, 2)
    t.is(new Set(addresses.map(({ multiaddr }) => multiaddr.toString())).size, 3)
  }
})

test('a lost packet costs a second before the first response', t => {
  const scripts = scriptsOf({ addresses: [{ transport: 'quic', count: 20, roundTrip: 10 }], loss: 0.05, spread: 1e-9 })
  // loss of a packet or its answer
  t.true(Math.abs(share(scripts, script => connects(script) > 1_000) - (1 - 0.95 ** 2)) < 0.01)
  t.true(share(scripts, script => connects(script) > 3_000) > 0)
})

test('jitter lengthens round trips by its share on average', t => {
  const times = scriptsOf({ addresses: [{ transport: 'quic', count: 20, roundTrip: 100 }], jitter: 0.4, spread: 1e-9 }).map(connects)
  const mean = times.reduce((sum, ms) => sum + ms, 0) / times.length
  t.true(Math.abs(mean - 144) < 2, `${mean}`)
})

test('relayed addresses are limited, and the given share of peers upgrades', t => {
  const peers = peersOf({ addresses: [{ transport: 'relay' }], upgrades: 0.7 })
  peers.forEach(({ addresses }) => { t.like(addresses, [{ script: { isLimited: true } }]) })
  t.true(Math.abs(peers.filter(({ upgradesAfter }) => upgradesAfter != null).length / peers.length - 0.7) < 0.06)
})

test('peer() throws for a network in which nothing connects', t => {
  const network = simulatedNetwork({ addresses: [{ ...tcp, good: 0 }] })
  t.throws(() => network.peer(0), { name: 'InvalidPipelineError', message: /no address of them connects/ })
})

test('peer() throws for what is no number of a peer', t => {
  const network = simulatedNetwork({ addresses: [tcp] })

  // `any`: wrong values on purpose
  for (const n of [NaN, 'x', undefined, null, -1, 1.5, 2 ** 32, 2 ** 60] as any[]) {
    t.throws(() => network.peer(n), { name: 'InvalidPipelineError', message: /^peer\(\) .*a whole number from 0 to 4294967295/ })
    t.throws(() => network.peer(0, n ?? 'x'), { name: 'InvalidPipelineError' })
  }

  t.notThrows(() => network.peer(2 ** 32 - 1, 2 ** 32 - 1))
})

test('simulatedNetwork() throws when more bad addresses refuse and stall than there are', t => {
  t.throws(() => simulatedNetwork({ addresses: [{ ...tcp, good: 0.5, refuses: 0.6, stalls: 0.5 }] }), { name: 'InvalidPipelineError', message: /"refuses" and "stalls".* not 0\.6 and 0\.5/ })
  t.notThrows(() => simulatedNetwork({ addresses: [{ ...tcp, good: 0.5, refuses: 0.5, stalls: 0.5 }] }))
})
