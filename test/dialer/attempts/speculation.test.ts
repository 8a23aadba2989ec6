import test from 'ava'
import { sleep } from '../../../src/pipeline/clock.ts'
import { pace, pipeline } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../../src/stages/from-peer-store.ts'
import { fromRouting } from '../../../src/stages/from-routing.ts'
import { race } from '../../../src/stages/race.ts'
import { verify } from '../../../src/stages/verify.ts'
import { settled } from '../../../src/testing/virtual-clock.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import { inFlight, patient } from '../flooded.ts'
import type { EngineWorld } from '../../helpers/scripted.ts'
import type { DialPipelineOptions } from '../../../src/pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'

const eager = pipeline(fromCaller(), pace('eager', race => race.lastStart + 10), race())

/** Dials peers whose addresses are silent */
async function dialSilent ({ engine }: EngineWorld, { peers, addresses }: { peers: number, addresses: number }): Promise<void> {
  for (let n = 0; n < peers; n++) {
    const peer = await newPeer()
    engine.dial(Array.from({ length: addresses }, (_, i) => address(i + 1, peer)), patient()).catch(() => {})
  }
}

test('20 peers with eight silent addresses each leave a slot for the first attempt to another peer', async t => {
  const world = engineWorld(eager, { 100: { connects: 10 } })
  await dialSilent(world, { peers: 20, addresses: 8 })
  await world.clock.advance(1_900)
  t.is(inFlight(world), 20 + 60)

  const begin = world.clock.now()
  await world.clock.until(world.engine.dial(address(100, await newPeer()), patient()))
  t.is(world.clock.now() - begin, 10)
  world.engine.stop()
})

test('dials that wait for routing leave slots for the first attempts of others', async t => {
  const peers = await Promise.all(Array.from({ length: 300 }, newPeer))
  const world = engineWorld(pipeline(fromPeerStore(), fromRouting({ when: 'exhausted' }), race()), { 1: { refuses: 5 }, 100: { connects: 10 } }, {
    stored: [{ multiaddr: address(1), isCertified: false }],
    routed: async () => { await sleep(50, world.clock, new AbortController().signal); return [address(2)] }
  })
  const lost = Promise.allSettled(peers.map(async peer => world.engine.dial(peer)))
  await world.clock.advance(1_500)
  t.is(inFlight(world), 300 + 60, '300 refused attempts and 60 silent ones')

  const begin = world.clock.now()
  await world.clock.until(world.engine.dial(address(100, await newPeer()), { ...patient(), pipeline: eager }))
  t.is(world.clock.now() - begin, 10)
  world.engine.stop()
  await lost
})

test('each of 500 concurrent dials has a slot with maxParallelDials: 500', async t => {
  const world = engineWorld(eager, { 100: { connects: 10 } }, { settings: { maxParallelDials: 500 } })
  await dialSilent(world, { peers: 400, addresses: 2 })
  await world.clock.advance(100)
  t.is(inFlight(world), 400 + 300)

  const good = await Promise.all(Array.from({ length: 20 }, newPeer))
  const begin = world.clock.now()
  await world.clock.until(Promise.all(good.map(async peer => world.engine.dial(address(100, peer), patient()))))
  t.is(world.clock.now() - begin, 10)
  world.engine.stop()
})

test('300 dials have 480 slots, and changing maxParallelDials changes the slots of speculative attempts', async t => {
  const world = engineWorld(eager, {}, { settings: { maxParallelDials: 300 } })
  await dialSilent(world, { peers: 100, addresses: 8 })
  await world.clock.advance(150)
  t.is(inFlight(world), 100 + 180)
  world.engine.maxParallelDials = 400
  await world.clock.advance(0)
  t.is(inFlight(world), 100 + 240)
  world.engine.stop()
})

test('slots.node is divided 5 to 3 between first and speculative attempts', async t => {
  const world = engineWorld(eager, {}, { slots: { node: 16 } })
  await dialSilent(world, { peers: 4, addresses: 8 })
  await world.clock.advance(1_000)
  t.is(inFlight(world), 4 + 6)
  world.engine.stop()
})

test('a waiting speculative attempt starts when the last attempt in flight of its dial fails', async t => {
  const world = engineWorld(eager, { 5: { refuses: 200 } }, { slots: { node: 3 } })
  await dialSilent(world, { peers: 1, addresses: 2 })
  await world.clock.advance(100)
  world.engine.dial([5, 6].map(n => address(n)), patient()).catch(() => {})
  await world.clock.advance(1_000)

  t.deepEqual(world.network.attempts.map(({ at }) => at), [0, 10, 100, 300])
  world.engine.stop()
})

test('a waiting speculative attempt starts when the only attempt in flight of its dial gives way', async t => {
  const world = engineWorld(eager, {}, { slots: { node: 3 } })
  await dialSilent(world, { peers: 1, addresses: 2 })
  await world.clock.advance(100)
  world.engine.dial([5, 6].map(n => address(n)), patient()).catch(() => {})
  await world.clock.advance(3_000)

  // the new attempt gives way in turn, after two seconds of silence
  t.deepEqual(world.network.attempts.map(({ at }) => Math.round(at)), [0, 10, 100, 424, 2_424])
  world.engine.stop()
})

test('a speculative attempt keeps its slot when its dial has another attempt that became the first of a second dial', async t => {
  const world = engineWorld(eager, { 1: { refuses: 100 } }, { slots: { node: 6 } })
  const peer = await newPeer()
  const dial = (numbers: number[], one: PeerId, options: DialPipelineOptions = patient()): void => { world.engine.dial(numbers.map(n => address(n, one)), options).catch(() => {}) }
  dial([1, 2, 3], peer)
  await world.clock.advance(30)
  // another pipeline: a dial of its own, which shares the attempt
  dial([3], peer, { ...patient(), pipeline: pipeline(fromCaller(), race()) })
  dial([5, 6, 7], await newPeer())
  await world.clock.advance(30)
  const starts = (): string[] => world.network.attempts.map(({ at, multiaddr }) => `${multiaddr.split('/')[2]?.split('.')[3]} @${at}`)
  t.deepEqual(starts(), ['1 @0', '2 @10', '3 @20', '5 @30', '6 @40'])

  // attempt 1 fails, and attempt 3 is no longer speculative
  await world.clock.advance(100)
  t.is(starts().length, 5)
  world.engine.stop()
})

test('a speculative attempt frees its slot for another dial when it becomes the only attempt of its dial', async t => {
  const world = engineWorld(eager, { 1: { refuses: 100 }, 4: { connects: 10 } }, { slots: { node: 4 } })
  world.engine.dial([1, 2].map(n => address(n)), patient()).catch(() => {})
  await world.clock.advance(50)
  const other = world.engine.dial([3, 4].map(n => address(n)), patient())
  await world.clock.until(other)

  // address 2 holds the slot until address 1 refuses
  t.deepEqual(world.network.attempts.map(({ at }) => at), [0, 10, 50, 100])
  world.engine.stop()
})

test('a waiting attempt starts when another dial needs it as its first', async t => {
  const world = engineWorld(eager, { 6: { connects: 10 } }, { slots: { node: 4 } })
  await dialSilent(world, { peers: 1, addresses: 2 })
  await world.clock.advance(100)
  const peer = await newPeer()
  const waiting = world.engine.dial([5, 6].map(n => address(n, peer)), patient())
  await world.clock.advance(200)
  t.is(world.network.attempts.length, 3)

  const joining = world.engine.dial(address(6, peer), { ...patient(), force: true })
  t.is(await world.clock.until(joining), await waiting)
  t.is(world.clock.now(), 310)
  world.engine.stop()
})

test('a waiting attempt does not start because another of its dial has connected', async t => {
  const world = engineWorld(eager, { 5: { connects: 200 } }, { slots: { node: 3 } })
  await dialSilent(world, { peers: 1, addresses: 2 })
  await world.clock.advance(100)
  await world.clock.until(world.engine.dial([5, 6].map(n => address(n)), patient()))
  await settled()

  t.is(world.network.attempts.length, 3)
  world.engine.stop()
})

test('after a dial discards its connection, its next attempt counts as first', async t => {
  const world = engineWorld(eager, { 11: { connects: 5 } }, { slots: { node: 4 } })
  // this dial takes the only slot for speculative attempts
  await dialSilent(world, { peers: 1, addresses: 2 })
  await world.clock.advance(50)
  const peer = await newPeer()
  const picky = eager.after('race', verify(async () => { throw new Error('not this one') }))
  world.engine.dial([11, 12, 13].map(n => address(n, peer)), { ...patient(), pipeline: picky }).catch(() => {})
  await world.clock.advance(100)

  t.deepEqual(world.network.dialled.slice(2), [address(11), address(12)].map(String))
  world.engine.stop()
})
