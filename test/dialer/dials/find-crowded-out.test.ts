import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { adaptive, goLike, staggered, stock } from '../../../presets/index.ts'
import { source } from '../../../src/pipeline/authoring/source.ts'
import { pipeline } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { giveUp } from '../../../src/stages/give-up.ts'
import { onlyIfNone } from '../../../src/pipeline/authoring/filter.ts'
import { quota } from '../../../src/stages/quota.ts'
import { race } from '../../../src/stages/race.ts'
import { resolve } from '../../../src/stages/resolve.ts'
import { take } from '../../../src/stages/take.ts'
import { unshadowed } from '../../../src/stages/unshadowed.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { EngineWorld } from '../../helpers/scripted.ts'
import type { DialPipeline } from '../../../src/pipeline/types.ts'
import type { Script } from '../../../src/testing/scripted-network.ts'
import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const GOOD: Script = { connects: 10 }
const REFUSES: Script = { refuses: 10, error: new Error('refused') }

const presets = { staggered, adaptive, goLike, stock }

function addresses (from: number, to: number, peer: PeerId): Multiaddr[] {
  return Array.from({ length: to - from + 1 }, (_, i) => address(from + i, peer))
}

/** A peer with 250 addresses that behave as `bad`, except the `good` ones */
async function crowd (chain: DialPipeline, bad: Script, good: number[], init: Parameters<typeof engineWorld>[2] = {}): Promise<EngineWorld & { peer: PeerId }> {
  const byNumber = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [i + 1, bad]))
  const world = engineWorld(chain, { ...byNumber, ...Object.fromEntries(good.map(n => [n, GOOD])) }, init)

  return { ...world, peer: await newPeer() }
}

/** Returns the address that a dial connects to, or the error of its first address without the outcome list */
async function outcome (dial: Promise<Connection>): Promise<string> {
  return dial.then(({ remoteAddr }) => remoteAddr.toString(), (error: Error) => {
    const { name, message } = error instanceof AggregateError ? error.errors[0] as Error : error

    return `${name}: ${message.replace(/ \(.*\)$/, '')}`
  })
}

for (const [name, preset] of Object.entries(presets)) {
  for (const joinsAfter of [0, 5, 100, 235]) {
    test(`${name}(): a caller that joins a dial of 30 refusing addresses after ${joinsAfter} ms gets a place among its 25`, async t => {
      const { engine, clock, network, peer } = await crowd(preset(), REFUSES, [31])
      const first = engine.dial(addresses(1, 30, peer))
      await clock.advance(joinsAfter)
      const second = engine.dial(address(31, peer))

      t.is(await clock.until(outcome(second)), String(address(31, peer)))
      t.is(await first, await second)
      t.true(network.attempts.length <= 25)
    })
  }

  test(`${name}(): a caller that joins a dial that has tried 25 addresses moves to a dial of its own`, async t => {
    const { engine, clock, network, peer } = await crowd(preset(), REFUSES, [31])
    const first = outcome(engine.dial(addresses(1, 30, peer)))
    await clock.advance(245)
    const second = outcome(engine.dial(address(31, peer)))

    t.is(await clock.until(second), String(address(31, peer)))
    t.is(await first, 'Error: refused')
    t.is(new Set(network.dialled).size, 26)
    t.is(network.attempts.length, 26)
  })
}

for (const [name, preset] of Object.entries({ staggered, adaptive, goLike })) {
  test(`${name}(): a caller that joins a dial of 30 silent addresses connects at its own address`, async t => {
    for (const joinsAfter of [0, 1_000, 7_000, 9_000]) {
      const { engine, clock, network, peer } = await crowd(preset(), 'silent', [31])
      const first = outcome(engine.dial(addresses(1, 30, peer)))
      await clock.advance(joinsAfter)

      t.is(await clock.until(outcome(engine.dial(address(31, peer)))), String(address(31, peer)), `joins after ${joinsAfter} ms`)
      await first
      t.true(new Set(network.dialled).size <= 26)
    }
  })
}

test('a dial of one caller tries only the first 25 of 30 addresses', async t => {
  for (const preset of Object.values(presets)) {
    const { engine, clock, network, peer } = await crowd(preset(), REFUSES, [30])
    t.is(await clock.until(outcome(engine.dial(addresses(1, 30, peer)))), 'Error: refused')
    t.is(network.attempts.length, 25)
  }
})

test('two callers with 30 addresses each share 25 attempts in turn, and the rest of each caller\'s first 25 follows in one more dial', async t => {
  const { engine, clock, network, peer } = await crowd(staggered(), REFUSES, [])
  const dials = [addresses(1, 30, peer), addresses(31, 60, peer)].map(async all => outcome(engine.dial(all)))
  t.deepEqual(await clock.until(Promise.all(dials)), ['Error: refused', 'Error: refused'])

  const numbers = network.dialled.map(one => Number(one.split('/')[2]?.split('.').at(-1)))
  t.deepEqual(numbers.slice(0, 25).filter(n => n > 30).length, 12)
  t.deepEqual(numbers.toSorted((a, b) => a - b), [...Array.from({ length: 25 }, (_, i) => i + 1), ...Array.from({ length: 25 }, (_, i) => i + 31)])
})

test('the first caller connects although a joining caller\'s addresses took its places', async t => {
  const { engine, clock, network, peer } = await crowd(staggered(), REFUSES, [20])
  const first = outcome(engine.dial(addresses(1, 20, peer)))
  const second = outcome(engine.dial(addresses(31, 60, peer)))

  t.is(await clock.until(first), String(address(20, peer)))
  t.is(await second, await first)
  t.is(new Set(network.dialled).size, network.attempts.length)
})

test('a caller without addresses gets places for the known addresses of its peer', async t => {
  const known = addresses(101, 104, await newPeer()).map(one => one.decapsulate('/p2p'))
  const { engine, clock, network, peer } = await crowd(pipeline(fromCaller(), source('known', () => known), take(4), race()), REFUSES, [102])
  const first = outcome(engine.dial(peer))
  const second = outcome(engine.dial(addresses(1, 30, peer)))

  t.is(await clock.until(first), String(address(102, peer)))
  t.is(await second, await first)
  t.true(network.attempts.length <= 4)
})

test('the one of 60 joined callers with a live address connects', async t => {
  const { engine, clock, network, peer } = await crowd(staggered(), REFUSES, [60])
  const dials = addresses(1, 60, peer).map(async one => outcome(engine.dial(one)))

  t.deepEqual(new Set(await clock.until(Promise.all(dials))), new Set(['Error: refused', String(address(60, peer))]))
  t.is(network.attempts.length, 60)
  t.is(new Set(network.dialled).size, 60)
})

test('no second dial is made when no other caller took places', async t => {
  const known = addresses(101, 130, await newPeer()).map(one => one.decapsulate('/p2p'))
  const { engine, clock, network, peer } = await crowd(pipeline(source('known', () => known), fromCaller(), quota({ source: { user: 0 } }), take(), race()), REFUSES, [1, 2])
  const dials = addresses(1, 2, peer).map(async one => outcome(engine.dial(one)))

  t.deepEqual(await clock.until(Promise.all(dials)), ['Error: refused', 'Error: refused'])
  t.is(network.attempts.length, 25)
})

test('no second dial is made when a source\'s address replaced the caller\'s', async t => {
  const chain = pipeline(source('known', () => [address(101)]), fromCaller(), onlyIfNone(({ id }) => id.includes('.101/')), race())
  const { engine, clock, network, peer } = await crowd(chain, REFUSES, [1, 2, 3])
  const dials = [addresses(1, 2, peer), addresses(3, 3, peer)].map(async some => outcome(engine.dial(some)))

  t.deepEqual(await clock.until(Promise.all(dials)), ['Error: refused', 'Error: refused'])
  t.is(network.attempts.length, 1)
})

const names = { dnsaddr: { canResolve: (one: Multiaddr) => String(one).includes('dnsaddr'), resolve: async (one: Multiaddr) => [address(String(one).includes('good') ? 250 : 1)] } }
const named = (name: string, peer: PeerId): Multiaddr => multiaddr(`/dnsaddr/${name}.example/p2p/${peer.toString()}`)

const limits: Record<string, { chain: DialPipeline, bad: (peer: PeerId) => Multiaddr[], good: (peer: PeerId) => Multiaddr }> = {
  'take(3)': { chain: pipeline(fromCaller(), take(3), race()), bad: peer => addresses(1, 6, peer), good: peer => address(250, peer) },
  'quota()': { chain: pipeline(fromCaller(), quota({ source: { user: 2 } }), race()), bad: peer => addresses(1, 6, peer), good: peer => address(250, peer) },
  'the limit of a source': { chain: pipeline(source('callers', ({ target }) => target.multiaddrs, { live: true, limit: 4 }), race()), bad: peer => addresses(1, 6, peer), good: peer => address(250, peer) },
  'the queries of resolve()': { chain: pipeline(fromCaller(), resolve(), race()), bad: peer => Array.from({ length: 40 }, (_, i) => named(`n${i}`, peer)), good: peer => named('good', peer) },
  'take() below resolve()': { chain: pipeline(fromCaller(), resolve(), take(3), race()), bad: peer => addresses(1, 6, peer), good: peer => named('good', peer) },
  'unshadowed()': { chain: pipeline(fromCaller(), unshadowed(), race()), bad: peer => [address(250, peer)], good: peer => multiaddr(`${address(250)}/ws/p2p/${peer}`) },
  'onlyIfNone()': { chain: pipeline(fromCaller(), onlyIfNone(({ id }) => !id.includes('.250/')), race()), bad: peer => addresses(1, 2, peer), good: peer => address(250, peer) }
}

for (const [limit, { chain, bad, good }] of Object.entries(limits)) {
  test(`a caller whose address was dropped by ${limit} for another caller's connects at its own`, async t => {
    for (const joinsAfter of [0, 5, 15]) {
      const { engine, clock, network, peer } = await crowd(chain, REFUSES, [], { settings: { resolvers: names } })
      network.script(String(good(peer).decapsulate('/p2p')).includes('dnsaddr') ? String(address(250)) : String(good(peer)), GOOD)
      const first = outcome(engine.dial(bad(peer)))
      await clock.advance(joinsAfter)

      t.regex(await clock.until(outcome(engine.dial(good(peer)))), /^\/ip4\/192\.0\.2\.250\//, `joins after ${joinsAfter} ms`)
      await first
      t.is(new Set(network.dialled).size, network.attempts.length)
    }
  })
}

test('an address over the limit of another caller also moves to its own dial when it came over DCUtR', async t => {
  const { engine, clock, peer } = await crowd(pipeline(fromCaller(), giveUp({ attempts: 2 }), race()), REFUSES, [5])
  const dcutr = { source: 'dcutr' } as const
  const first = outcome(engine.dial(addresses(1, 4, peer), dcutr))
  const second = outcome(engine.dial(address(5, peer), dcutr))

  t.is(await clock.until(second), String(address(5, peer)))
  t.is(await first, 'Error: refused')
})

test('a caller that moves to a dial of its own keeps its signal, timeout and progress events', async t => {
  const { engine, clock, network, peer } = await crowd(staggered(), REFUSES, [])
  network.script(String(address(31)), 'silent')
  const heard: string[] = []
  const controller = new AbortController()
  const first = outcome(engine.dial(addresses(1, 30, peer)))
  await clock.advance(245)
  const [listening, timed] = [engine.dial(address(31, peer), { signal: controller.signal, onProgress: ({ type }) => { heard.push(type) } }), engine.dial(address(31, peer))].map(outcome)
  await clock.until(first)
  await clock.advance(5_000)
  controller.abort(new Error('left'))

  t.is(await listening, 'Error: left')
  t.deepEqual(heard.filter(type => !type.startsWith('dial-pipeline:')).slice(0, 3), ['dial-queue:already-in-dial-queue', 'dial-queue:start-dial', 'dial-queue:calculated-addresses'])
  t.regex(await clock.until(timed as Promise<string>), /^TimeoutError/)
  // the attempt at the address has its full 6 s
  t.is(clock.now(), 250 + 6_000)
  t.is(network.attempts.length, 26)
})

test('callers that move to a second dial each hear of its start, with all their addresses', async t => {
  const { engine, clock, peer } = await crowd(staggered(), REFUSES, [])
  const first = outcome(engine.dial(addresses(1, 30, peer)))
  await clock.advance(245)
  const heard: string[][] = []
  const dials = addresses(31, 33, peer).map(async (one, i) => {
    const events: string[] = heard[i] = []

    return outcome(engine.dial(one, { onProgress: ({ type, detail }) => { events.push(Array.isArray(detail) ? `${type} ${detail.length}` : type) } }))
  })
  await clock.until(Promise.all([first, ...dials]))

  t.deepEqual(heard.map(events => events.filter(type => !type.startsWith('dial-pipeline:')).slice(1, 3)), Array.from({ length: 3 }, () => ['dial-queue:start-dial', 'dial-queue:calculated-addresses 3']))
})

test('10,000 callers that join a full dial connect through one more dial', async t => {
  const { engine, clock, network, peer } = await crowd(staggered(), REFUSES, [31])
  const first = outcome(engine.dial(addresses(1, 30, peer)))
  await clock.advance(245)
  const dials = Array.from({ length: 10_000 }, async () => outcome(engine.dial(address(31, peer))))

  t.deepEqual(new Set(await clock.until(Promise.all(dials))), new Set([String(address(31, peer))]))
  await first
  t.is(network.attempts.length, 26)
})
