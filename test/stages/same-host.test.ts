import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { adaptive, aggressive, frugal, goLike, staggered } from '../../presets/index.ts'
import { hold, pipeline } from '../../src/pipeline/index.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { releasesOf } from '../../src/pipeline/runtime/rules.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { cand, dialled, tryOut } from '../testing/try-out.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { Script } from '../../src/testing/scripted-network.ts'
import type { ExecutionContext } from 'ava'

const RELAY = '12D3KooW9xBQPBhK5VHb8qniBUZVxmS365bjfpQngjpBduihLiPM'

/** Races the addresses 100 ms apart, unless another rule holds them. Returns the time of each attempt */
async function raced (t: ExecutionContext, network: Record<string, Script>, ms = 10_000): Promise<string[]> {
  const trial = tryOut(t, pipeline(stagger(100), race()))
  const candidates = Object.keys(network).map(address => cand(address))
  candidates.forEach((candidate, i) => { trial.script([candidate], Object.values(network)[i] as Script) })
  trial.give({ candidates })
  await trial.pass(ms)

  return dialled(trial)
}

test('another TCP port of a host is dialled when the first is silent for 500 ms', async t => {
  t.deepEqual(await raced(t, { '/ip4/1.2.3.4/tcp/1': 'silent', '/ip4/1.2.3.4/tcp/2': { connects: 10 } }), ['/ip4/1.2.3.4/tcp/1 @0', '/ip4/1.2.3.4/tcp/2 @500'])
})

test('another TCP port of a host is dialled 2 s after the first response of an unfinished handshake', async t => {
  t.deepEqual(await raced(t, { '/ip4/1.2.3.4/tcp/1': { firstResponse: 300, connects: 5_000 }, '/ip4/1.2.3.4/tcp/2': { connects: 10 } }), ['/ip4/1.2.3.4/tcp/1 @0', '/ip4/1.2.3.4/tcp/2 @2300'])
  t.deepEqual(await raced(t, { '/ip4/1.2.3.4/tcp/1': { firstResponse: 300, connects: 2_200 }, '/ip4/1.2.3.4/tcp/2': { connects: 10 } }), ['/ip4/1.2.3.4/tcp/1 @0'])
})

test('another TCP port of a host is dialled at once when the attempt in flight fails', async t => {
  t.deepEqual(await raced(t, { '/ip4/1.2.3.4/tcp/1': { refuses: 300 }, '/ip4/1.2.3.4/tcp/2': { connects: 10 } }), ['/ip4/1.2.3.4/tcp/1 @0', '/ip4/1.2.3.4/tcp/2 @300'])
})

test('other hosts and UDP addresses do not wait for a silent host', async t => {
  t.deepEqual(await raced(t, {
    '/ip4/1.2.3.4/tcp/1': 'silent',
    '/ip4/1.2.3.4/tcp/2': 'silent',
    '/ip4/1.2.3.4/udp/1/quic-v1': 'silent',
    '/ip4/1.2.3.4/udp/1/webrtc-direct': 'silent',
    '/ip4/1.2.3.5/tcp/1': 'silent',
    '/dns4/example.com/tcp/1/ws': 'silent'
  }, 1_500), [
    '/ip4/1.2.3.4/tcp/1 @0',
    '/ip4/1.2.3.4/udp/1/quic-v1 @100',
    '/ip4/1.2.3.4/udp/1/webrtc-direct @200',
    '/ip4/1.2.3.5/tcp/1 @300',
    '/dns4/example.com/tcp/1/ws @400',
    '/ip4/1.2.3.4/tcp/2 @500'
  ])
})

for (const [first, second] of [
  ['/ip4/1.2.3.4/tcp/1', '/ip4/1.2.3.4/tcp/1/ws'],
  ['/ip4/1.2.3.4/tcp/1', '/ip4/1.2.3.4/tcp/443/tls/ws'],
  ['/dns4/Example.com/tcp/1', '/dns/example.com/tcp/443/wss'],
  ['/ip6/2a00::1/tcp/1', '/ip6/2a00:0::1/tcp/2']
] as const) {
  test(`${first} and ${second} count as one host`, async t => {
    t.deepEqual((await raced(t, { [first]: 'silent', [second]: { connects: 1 } })).map(text => text.split('@')[1]), ['0', '500'])
  })
}

test('an address that names its host twice halves the next wait once', async t => {
  const addresses = [1, 2, 3].map(port => `/ip4/1.2.3.4/tcp/${port}/tls/sni/1-2-3-4.k51q.libp2p.direct/ws`)
  t.deepEqual((await raced(t, Object.fromEntries(addresses.map(address => [address, 'silent'])))).map(text => text.split('@')[1]), ['0', '500', '750'])
})

for (const host of ['/ip4/127.0.0.1', '/ip6/::1']) {
  test(`another port of ${host} is dialled after 250 ms of silence, and 2 s after a first response`, async t => {
    t.deepEqual((await raced(t, { [`${host}/tcp/1`]: 'silent', [`${host}/tcp/2`]: 'silent', [`${host}/tcp/3/ws`]: 'silent' }, 1_000)).map(text => text.split('@')[1]), ['0', '250', '375'])
    t.deepEqual((await raced(t, { [`${host}/tcp/1`]: { firstResponse: 0, connects: 3_000 }, [`${host}/tcp/2`]: 'silent' }, 3_000)).map(text => text.split('@')[1]), ['0', '2000'])
  })
}

for (const [first, second] of [
  ['/ip4/1.2.3.4/tcp/1', '/ip4/1.2.3.5/tcp/1'],
  ['/ip4/1.2.3.4/udp/1/quic-v1', '/ip4/1.2.3.4/tcp/1'],
  ['/ip4/1.2.3.4/tcp/1', `/ip4/1.2.3.4/tcp/2/p2p/${RELAY}/p2p-circuit`],
  [`/ip4/1.2.3.4/tcp/1/p2p/${RELAY}/p2p-circuit`, '/ip4/1.2.3.4/tcp/2'],
  [`/ip4/1.2.3.4/tcp/1/p2p/${RELAY}/p2p-circuit`, `/ip4/1.2.3.4/tcp/2/p2p/${RELAY}/p2p-circuit`],
  ['/memory/a', '/memory/b']
] as const) {
  test(`${second} does not wait for ${first}`, async t => {
    t.deepEqual((await raced(t, { [first]: 'silent', [second]: { connects: 1 } })).map(text => text.split('@')[1]), ['0', '100'])
  })
}

test('each overdue attempt to a host halves the wait for the next', async t => {
  const silent = Object.fromEntries([1, 2, 3, 4, 5].map(port => [`/ip4/1.2.3.4/tcp/${port}`, 'silent' as const]))
  t.deepEqual((await raced(t, silent, 3_000)).map(text => text.split('@')[1]), ['0', '500', '750', '875', '975'])
  const mute = Object.fromEntries([1, 2, 3, 4].map(port => [`/ip4/1.2.3.4/tcp/${port}`, { firstResponse: 0, connects: Infinity }]))
  t.deepEqual((await raced(t, mute, 5_000)).map(text => text.split('@')[1]), ['0', '2000', '3000', '3500'])
})

test('ports that may start follow the order of the list', async t => {
  const [a, b, c, d] = ['/ip4/1.2.3.4/tcp/1', '/ip4/1.2.3.4/tcp/2', '/ip4/1.2.3.5/tcp/1', '/ip4/1.2.3.5/udp/1/quic-v1'].map(address => cand(address)) as [Candidate, Candidate, Candidate, Candidate]
  const releaseOf = releasesOf([{ candidate: a, startedAt: 7 }])
  t.deepEqual([a, b, c, d].map(releaseOf), [507, 507, -Infinity, -Infinity])

  const trial = tryOut(t, pipeline(stagger(500), race()))
  trial.give({ candidates: [a, b, c, d] })
  await trial.pass(3_000)
  t.deepEqual(dialled(trial).map(text => text.split(' @')[1]), ['0', '500', '1000', '1500'])
  t.deepEqual(trial.host.attempts.map(({ candidate }) => candidate), [a, b, c, d])
})

test('a hold of another rule still applies to a port that may start', async t => {
  const [a, b] = ['/ip4/1.2.3.4/tcp/1', '/ip4/1.2.3.4/tcp/2'].map(address => cand(address)) as [Candidate, Candidate]

  for (const [time, at] of [[Infinity, []], [4_000, ['4000']], [100, ['500']]] as const) {
    const trial = tryOut(t, pipeline(stagger(100), hold('second', ({ startedAt }) => candidate => candidate === b ? startedAt + time : 0), race()))
    trial.give({ candidates: [a, b] })
    await trial.pass(5_000)
    t.deepEqual(dialled(trial).map(text => text.split(' @')[1]), ['0', ...at])
  }
})

const PRESETS = { adaptive, aggressive, frugal, goLike, staggered, eager: () => pipeline(fromCaller(), stagger(10), race()) }

for (const [name, preset] of Object.entries(PRESETS)) {
  test(`${name} makes one connection to a listener on four TCP addresses with a round trip of 300 ms`, async t => {
    const { engine, network, clock } = engineWorld(preset())
    const peer = await newPeer()
    const addresses = [1, 2, 3, 4].map(port => multiaddr(`/ip4/93.184.216.34/tcp/${port}/p2p/${peer.toString()}`))
    addresses.forEach(address => { network.script(address.toString(), { firstResponse: 300, connects: 1_500 }) })
    await clock.until(engine.dial(addresses))

    t.is(network.attempts.length, 1)
    t.is(clock.now(), network.attempts[0]?.at as number + 1_500)
  })
}

for (const [host, first, second] of [['/ip4/127.0.0.1', 250, 500], ['/ip4/93.184.216.34', 500, 750]] as const) {
  test(`staggered() dials a good port of ${host} ${first} ms after one silent port, and ${second} ms after two`, async t => {
    for (const [silent, at] of [[1, first], [2, second]] as const) {
      const { engine, network, clock } = engineWorld(staggered())
      const peer = await newPeer()
      const addresses = Array.from({ length: silent + 1 }, (_, port) => multiaddr(`${host}/tcp/${port + 1}/p2p/${peer.toString()}`))
      addresses.forEach((address, i) => { network.script(address.toString(), i < silent ? 'silent' : { connects: 10 }) })
      const begun = clock.now()
      await clock.until(engine.dial(addresses))

      t.is(clock.now() - begun, at + 10)
    }
  })
}
