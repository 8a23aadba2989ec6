import test from 'ava'
import { UnexpectedPeerError } from '@libp2p/interface'
import { adaptive, goLike, staggered } from '../../presets/index.ts'
import { pipeline, source } from '../../src/pipeline/index.ts'
import { backoff } from '../../src/stages/backoff.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { fromRouting } from '../../src/stages/from-routing.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { address } from '../helpers/address.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { FakeHistory } from './fake-history.ts'
import type { EngineWorld } from '../helpers/scripted.ts'
import type { Clock } from '../../src/pipeline/clock.ts'
import type { DialPipeline } from '../../src/pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** A world with a stored address and a slow router */
function slow (preset: DialPipeline, peer: PeerId, ms: number, error?: Error): EngineWorld {
  const made = engineWorld(preset, { 1: { refuses: 1, error } }, {
    stored: [{ multiaddr: address(1, peer), isCertified: false }],
    routed: async () => new Promise(resolve => { made.clock.setTimeout(() => { resolve([]) }, ms) })
  })

  return made
}

for (const [name, preset] of Object.entries({ adaptive, staggered, goLike })) {
  test(`${name}() connects to a peer that is back after 2.5 s while a router takes 8 s`, async t => {
    const peer = await newPeer()
    const { engine, clock, network } = slow(preset(), peer, 8_000)
    clock.setTimeout(() => { network.script(address(1).toString(), { connects: 10 }) }, 2_500)

    t.is((await clock.until(engine.dial(peer))).status, 'open')
    t.true(clock.now() < 4_000, `${clock.now()}`)
    t.is(clock.pending, 1, 'the router')
  })
}

test('a failed address is retried after 1 s and 2 s while a router is awaited, and not after its time', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = slow(staggered(), peer, 9_000)

  await t.throwsAsync(clock.until(engine.dial(peer)), { message: /ECONNREFUSED/ })
  t.deepEqual(network.attempts.map(({ at }) => at), [0, 1_001, 3_002])
  t.is(clock.now(), 5_001)
})

/** A pipeline with an application's source that takes longer than the limit of routers */
function slowSource (clock: Clock, ms: number, answer: Multiaddr[] = []): DialPipeline {
  const slow = source('slow', async () => new Promise<Multiaddr[]>(resolve => { clock.setTimeout(() => { resolve(answer) }, ms) }), { when: 'exhausted' })

  return pipeline(fromPeerStore(), slow, stagger(), race())
}

test('a failed address is retried after 1 s, 2 s, 4 s and 8 s while an application source is awaited', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = slow(staggered(), peer, 0)
  engine.pipelines.current = slowSource(clock, 16_000)

  await t.throwsAsync(clock.until(engine.dial(peer, { signal: new AbortController().signal })), { message: /ECONNREFUSED/ })
  t.deepEqual(network.attempts.map(({ at }) => at), [0, 1_001, 3_002, 7_003, 15_004])
  t.is(clock.now(), 16_001)
})

test('an address that an application source finds is dialled although eight others were retried meanwhile', async t => {
  const peer = await newPeer()
  const numbers = [1, 2, 3, 4, 5, 6, 7, 8]
  const { engine, clock, network } = engineWorld(staggered(), { ...Object.fromEntries(numbers.map(n => [n, { refuses: 1 }])), 9: { connects: 10 } }, {
    stored: numbers.map(n => ({ multiaddr: address(n, peer), isCertified: false }))
  })
  engine.pipelines.current = slowSource(clock, 9_000, [address(9, peer)])

  t.is((await clock.until(engine.dial(peer))).remoteAddr.toString(), address(9, peer).toString())
  t.is(network.attempts.length, 8 * 4 + 1)
})

test('an address where another peer answered is not retried while a router is awaited', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = slow(staggered(), peer, 9_000, new UnexpectedPeerError('Unexpected peer'))

  await t.throwsAsync(clock.until(engine.dial(peer)), { name: 'UnexpectedPeerError' })
  t.is(network.attempts.length, 1)
})

for (const [name, preset] of Object.entries({ adaptive, staggered, goLike })) {
  test(`${name}() retries each of eight addresses while a router takes 8 s, and connects to the last`, async t => {
    const peer = await newPeer()
    const numbers = [1, 2, 3, 4, 5, 6, 7, 8]
    const { engine, clock, network } = engineWorld(preset(), Object.fromEntries(numbers.map(n => [n, { refuses: 1 }])), {
      stored: numbers.map(n => ({ multiaddr: address(n, peer), isCertified: false })),
      routed: async () => new Promise(resolve => { clock.setTimeout(() => { resolve([]) }, 8_000) })
    })
    clock.setTimeout(() => { network.script(address(8).toString(), { connects: 10 }) }, 500)

    t.is((await clock.until(engine.dial(peer))).remoteAddr.toString(), address(8, peer).toString())
    t.true(clock.now() < 3_500, `${clock.now()}`)
    t.is(network.attempts.length, 16)
  })
}

test('an address that a router finds is dialled although eight others were retried meanwhile', async t => {
  const peer = await newPeer()
  const numbers = [1, 2, 3, 4, 5, 6, 7, 8]
  const { engine, clock, network } = engineWorld(adaptive(), { ...Object.fromEntries(numbers.map(n => [n, { refuses: 1 }])), 9: { connects: 10 } }, {
    stored: numbers.map(n => ({ multiaddr: address(n, peer), isCertified: false })),
    routed: async () => new Promise(resolve => { clock.setTimeout(() => { resolve([address(9, peer)]) }, 4_500) })
  })

  t.is((await clock.until(engine.dial(peer))).remoteAddr.toString(), address(9, peer).toString())
  t.true(network.attempts.length > 16, `${network.attempts.length}`)
})

test('a silent address does not keep others from being retried while a router is awaited', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(staggered(), { 1: { refuses: 1 }, 2: { refuses: 1 } }, {
    stored: [1, 2].map(n => ({ multiaddr: address(n, peer), isCertified: false })),
    routed: async () => new Promise(resolve => { clock.setTimeout(() => { resolve([]) }, 9_000) })
  })
  clock.setTimeout(() => {
    network.script(address(1).toString(), 'silent')
    network.script(address(2).toString(), { connects: 10 })
  }, 500)

  t.is((await clock.until(engine.dial(peer))).remoteAddr.toString(), address(2, peer).toString())
  t.true(clock.now() < 1_500, `${clock.now()}`)
})

test('an address in backoff is tried when a router is first asked, and retried with the others', async t => {
  const peer = await newPeer()
  const history = new FakeHistory()
  const { engine, clock, network } = engineWorld(pipeline(fromPeerStore(), fromRouting({ when: 'exhausted' }), backoff(), race()), { 1: { refuses: 1 }, 2: { refuses: 1 } }, {
    history,
    stored: [1, 2].map(n => ({ multiaddr: address(n, peer), isCertified: false })),
    routed: async () => new Promise(resolve => { clock.setTimeout(() => { resolve([]) }, 1_500) })
  })
  await clock.advance(10_000)
  history.failed.set(address(2, peer).toString(), { count: 8, at: 9_900, isWrongPeer: false })

  await t.throwsAsync(clock.until(engine.dial(peer)), { name: 'AggregateError' })
  t.deepEqual(network.attempts.map(({ at, multiaddr }) => `${multiaddr.includes('192.0.2.2/') ? 2 : 1} @${at - 10_000}`), ['1 @0', '2 @1', '1 @1001', '2 @1002'])
})
