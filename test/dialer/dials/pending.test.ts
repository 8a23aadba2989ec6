import { getEventListeners } from 'node:events'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { pipeline } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { provenance } from '../../../src/stages/provenance.ts'
import { race } from '../../../src/stages/race.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'

const plain = pipeline(fromCaller(), race())
const BUSY = { settings: { maxParallelDials: 1, maxDialQueueLength: Infinity } }

test('a queued dial has no timer, no attempt and one listener on its caller\'s signal', async t => {
  const [running, waiting] = await Promise.all([newPeer(), newPeer()])
  const { engine, clock, network } = engineWorld(plain, {}, BUSY)
  engine.dial(address(1, running)).catch(() => {})
  await clock.advance(0)
  const timers = clock.pending
  const { signal } = new AbortController()
  engine.dial(address(2, waiting), { signal }).catch(() => {})
  engine.dial(address(2, waiting)).catch(() => {})
  await clock.advance(0)
  const [, dial] = engine.dials.pending

  t.is(clock.pending, timers)
  t.is(network.attempts.length, 1)
  t.is(dial?.run, undefined)
  t.is(dial?.callers.size, 2)
  t.is(getEventListeners(signal, 'abort').length, 1)

  engine.stop()
  await clock.advance(0)

  t.is(getEventListeners(signal, 'abort').length, 0)
  t.is(clock.pending, 0)
})

test('stop() with 20,000 queued dials rejects all of them and starts none', async t => {
  const { engine, clock, network } = engineWorld(plain, {}, BUSY)
  const reasons = new Map<string, number>()
  const dials = Array.from({ length: 20_000 }, async (_, i) => engine.dial(multiaddr(`/ip4/10.0.${i >> 8}.${i & 255}/tcp/4001`)).catch(({ name }: Error) => {
    reasons.set(name, (reasons.get(name) ?? 0) + 1)
  }))
  await clock.advance(0)

  t.is(engine.dials.pending.size, 20_000)
  t.is(network.attempts.length, 1)

  engine.stop()
  await Promise.all(dials)
  await clock.advance(0)

  t.deepEqual([...reasons], [['AbortError', 20_000]])
  t.is(engine.dials.pending.size, 0)
  t.is(network.attempts.length, 1)
  t.is(clock.pending, 0)
})

test('a caller that joins a queued dial by another spelling of its peer id gets the same dial', async t => {
  const [running, waiting] = await Promise.all([newPeer(), newPeer()])
  const { engine, clock } = engineWorld(plain, {}, BUSY)
  engine.dial(address(1, running)).catch(() => {})
  engine.dial(address(2, waiting)).catch(() => {})
  engine.dial(waiting).catch(() => {})
  engine.dial(multiaddr(`/ip4/192.0.2.3/tcp/4001/p2p/${waiting.toCID()}`)).catch(() => {})
  const [, dial] = engine.dials.pending

  t.is(engine.dials.pending.size, 2)
  t.is(dial?.callers.size, 3)
  t.is(new Set(dial?.multiaddrs.map(String)).size, 2)
  t.true(dial?.requested.peerId?.equals(waiting))

  engine.stop()
  await clock.advance(0)
})

test('a priority that is not a number rejects at once, and queued dials go on', async t => {
  const { engine, clock } = engineWorld(plain, { 1: { connects: 10 }, 2: { connects: 10 } }, { settings: { maxParallelDials: 1 } })
  const first = engine.dial(address(1, await newPeer()))

  for (const priority of [Number.NaN, 'text', '60', {}] as number[]) {
    await t.throwsAsync(engine.dial(address(1, await newPeer()), { priority }), { name: 'InvalidParametersError', message: /priority/ })
  }

  const second = engine.dial(address(2, await newPeer()), { priority: Infinity })
  t.deepEqual((await Promise.all([clock.until(first), clock.until(second)])).map(({ status }) => status), ['open', 'open'])
})

test('20,000 queued dials resolve with the connections that their peers opened meanwhile', async t => {
  const [busy, peer] = [await newPeer(), await newPeer()]
  const { engine, clock, components, network } = engineWorld(plain, { 1: { connects: 100 } }, { settings: { maxParallelDials: 1, maxDialQueueLength: 100_000 } })
  const first = engine.dial(address(1, busy))
  const picky = pipeline(fromCaller(), provenance(), race())
  // separate dials, because their policies differ
  const waiting = Array.from({ length: 20_000 }, (_, i) => engine.dial(peer, { pipeline: picky, provenance: ['observed', `${i}`] }))
  const open = { id: 'inbound', direction: 'inbound', status: 'open', direct: true, remotePeer: peer }
  const getConnections = components.connectionManager.getConnections.bind(components.connectionManager)
  // `any`: a fake with only the members that the test needs
  components.connectionManager.getConnections = one => one?.equals(peer) === true ? [open as any] : getConnections(one)
  await clock.until(first)

  t.true((await Promise.all(waiting)).every(connection => connection === open as unknown))
  t.is(network.attempts.length, 1)
})
