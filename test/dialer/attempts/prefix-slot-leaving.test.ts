import test from 'ava'
import { prefixSlotTimeOf } from '../../../src/dialer/attempts/prefix-slots.ts'
import { candidate } from '../../../src/pipeline/candidate.ts'
import { pipeline } from '../../../src/pipeline/index.ts'
import { attemptTimeout } from '../../../src/stages/attempt-layers.ts'
import { fromRouting } from '../../../src/stages/from-routing.ts'
import { race } from '../../../src/stages/race.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import { at, flooded, inFlight, patient, startsOf } from '../flooded.ts'
import { dialReported } from './reported-dial.ts'
import type { AttemptLayer } from '../../../src/pipeline/types.ts'
import type { Connection, PeerId } from '@libp2p/interface'

test('a silent attempt that nobody waits for keeps its slot until it times out', async t => {
  const node = flooded()
  await node.flood(8)
  await node.clock.advance(5_990)
  t.is(inFlight(node), 8)
  await node.clock.advance(20)
  t.is(node.network.attempts.length, 8)
  t.is(node.engine.dials.running.size, 0)
})

for (const [what, { mu, sigma }, time] of [
  ['as long as 49 of 50 first responses take', { mu: Math.log(200), sigma: 0.5 }, 544],
  ['250 ms where answers are faster', { mu: Math.log(10), sigma: 0.1 }, 250],
  ['2 s where answers are slower', { mu: Math.log(1_500), sigma: 1 }, 2_000]
] as const) {
  test(`an attempt keeps its prefix slot while others wait for ${what}`, async t => {
    const node = flooded()
    const { history } = node.components
    const { estimate } = history
    history.estimate = one => ({ ...estimate.call(history, one), firstResponse: { mu, sigma } })
    await node.flood(9)
    await node.clock.advance(time - 1)
    t.is(node.network.attempts.length, 8)
    await node.clock.advance(1)

    t.is(node.network.attempts.length, 9)
    t.is(prefixSlotTimeOf(candidate(at(1)), node.components), time)
    node.engine.stop()
  })
}

test('an attempt silent for longer than the expected answer time gives up its prefix slot at once for a later one', async t => {
  const node = flooded()
  await node.flood(8)
  await node.clock.advance(400)
  await node.flood(1)

  t.deepEqual([startsOf(8, node), inFlight(node)], [[400], 8])
  node.engine.stop()
})

test('an attempt that gave up its prefix slot starts once more, and then keeps the slot', async t => {
  const node = flooded()
  await node.flood(16)
  await node.clock.advance(400)
  await node.flood(8)
  await node.clock.advance(3_000)
  await node.flood(8)
  await node.clock.advance(20_000)
  const starts = Array.from({ length: 32 }, (_, n) => startsOf(n, node).length)

  t.is(Math.max(...starts), 2)
  t.true(starts.slice(0, 8).every(count => count === 2))
})

test('an attempt does not give up its prefix slot for dials of lower priority', async t => {
  const node = flooded()
  const peers = await Promise.all(Array.from({ length: 9 }, newPeer))
  peers.slice(0, 8).forEach((_, n) => { node.network.script(at(n).toString(), { connects: 700, firstResponse: 600 }) })
  node.network.script(at(8).toString(), { connects: 20 })
  const ended = await node.clock.until(Promise.all(peers.map(async (peer, n) => node.engine.dial(peer, { ...patient(), priority: n < 8 ? 90 : 10 }).then(() => node.clock.now()))))

  t.deepEqual(ended, [...Array.from({ length: 8 }, () => 700), 620], 'the first responses free the slots')
  t.is(node.network.attempts.length, 9)
})

test('an attempt gives up its prefix slot for one whose priority is raised while it waits', async t => {
  const node = flooded()
  await node.flood(8)
  const peer = await newPeer()
  const dial = (priority: number): void => { dialReported(node, at(8), peer, { ...patient(), priority }).catch(() => {}) }
  dial(10)
  await node.clock.advance(1_000)
  t.deepEqual(startsOf(8, node), [])
  dial(50)
  await node.clock.advance(0)

  t.deepEqual(startsOf(8, node), [1_000])
  node.engine.stop()
})

test('another attempt gives up its prefix slot when the aborted one has not ended', async t => {
  const node = flooded()
  const { transportManager } = node.components
  const { dial } = transportManager
  transportManager.dial = async (multiaddr, options) => multiaddr.toString().startsWith(at(0).toString()) ? new Promise<never>(() => {}) : dial(multiaddr, options)
  const controller = new AbortController()
  node.engine.dial(await newPeer(), controller).catch(() => {})
  await node.clock.advance(0)
  await node.flood(7)
  await node.clock.advance(400)
  controller.abort()
  await node.flood(1)

  t.deepEqual(startsOf(8, node), [400])
  node.engine.stop()
})

test('an address that gave up its slot queues behind addresses without an attempt, also for a dial that joins it', async t => {
  const node = flooded({ slots: { prefix: 1 } })
  const [first, ...others] = await Promise.all(Array.from({ length: 4 }, newPeer))
  const dial = (peer: PeerId | undefined): void => { node.engine.dial(peer as PeerId, patient()).catch(() => {}) }
  dial(first)
  await node.clock.advance(0)
  others.forEach(dial)
  await node.clock.advance(330)
  dialReported(node, at(0), first as PeerId, patient()).catch(() => {})
  await node.clock.advance(1_000)

  t.deepEqual(node.network.attempts.map(({ multiaddr }) => multiaddr.split('/')[4]), ['4000', '4001', '4002', '4003'])
  node.engine.stop()
})

test('a layer that replaces errors does not turn a given-up slot into a failure', async t => {
  let asked = 0
  const wrapped: AttemptLayer = next => async (candidate, options) => {
    try {
      return await next(candidate, options)
    } catch (err) {
      throw new Error('the attempt has failed', { cause: err })
    }
  }
  const { engine, clock, network } = engineWorld(pipeline(fromRouting({ when: 'always' }), race({ attempt: [wrapped, attemptTimeout(6_000)] })), {}, { routed: async () => [at(asked++)] })
  const peers = await Promise.all(Array.from({ length: 12 }, newPeer))
  network.script(at(0).toString(), { connects: 400 })
  const [first, ...others] = peers.map(async peer => engine.dial(peer, patient()))
  const ended = Promise.allSettled(others)

  t.is((await clock.until(first as Promise<Connection>)).status, 'open')
  engine.stop()
  await ended
})

test('an aborted attempt whose transport goes on leaves no timer', async t => {
  const node = flooded()
  const { transportManager } = node.components
  const { dial } = transportManager
  let end = (): void => {}
  transportManager.dial = async (multiaddr, options) => multiaddr.toString().startsWith(at(0).toString()) ? new Promise<never>((_, reject) => { end = () => { reject(new Error('late')) } }) : dial(multiaddr, options)
  const [controller, rest] = [new AbortController(), new AbortController()]
  node.engine.dial(await newPeer(), controller).catch(() => {})
  await node.clock.advance(0)
  const peers = await Promise.all(Array.from({ length: 12 }, newPeer))
  peers.forEach(peer => { node.engine.dial(peer, rest).catch(() => {}) })
  await node.clock.advance(10)
  controller.abort()
  await node.clock.advance(600)
  end()
  rest.abort()
  await node.clock.advance(10)

  t.is(node.clock.pending, 0)
})
