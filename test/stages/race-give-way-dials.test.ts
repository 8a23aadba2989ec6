import test from 'ava'
import { filter, pace, pipeline, stage } from '../../src/pipeline/index.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { address } from '../helpers/address.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { patient, plain } from './wait-for-slots.ts'

test('a dial connects to a live address behind 24 silent ones', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(plain, { 25: { connects: 100 } })
  const addresses = Array.from({ length: 25 }, (_, i) => address(i + 1, peer))
  const made = await clock.until(engine.dial(addresses))

  t.is(made.remoteAddr.toString(), address(25, peer).toString())
  // eight attempts, 250 ms apart, fill the slots until the first is two seconds old
  t.deepEqual(network.attempts.map(({ at }) => at), addresses.map((_, i) => i * 250 + Math.max(0, i - 7) * 10))
  await clock.advance(0)
  t.true(network.attempts.slice(0, 24).every(({ signal }) => signal.aborted))
  t.is(clock.pending, 0)
})

test('each address is attempted twice at most, and a retried one gives way after two seconds', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(plain, {}, { slots: { peer: 1 } })
  await t.throwsAsync(clock.until(engine.dial([1, 2].map(n => address(n, peer)), patient())), { name: 'AggregateError' })

  t.deepEqual(network.attempts.map(({ at, multiaddr }) => `${multiaddr.split('/')[2]?.slice(-1)} @${Math.round(at)}`), ['1 @0', '2 @324', '1 @2324'])
  t.is(clock.pending, 0)
})

test('a shared attempt that gives way in one dial continues in the other', async t => {
  const peer = await newPeer()
  const strict = pipeline(fromCaller(), filter('strict', () => true), race())
  const { engine, clock, network } = engineWorld(plain, { 1: { connects: 3_000 }, 2: { connects: 200 } }, { slots: { peer: 1 } })
  const first = engine.dial([address(1, peer), address(2, peer)], patient())
  const second = engine.dial(address(1, peer), { ...patient(), pipeline: strict })
  const made = await clock.until(second)

  t.is(made.remoteAddr.toString(), address(1, peer).toString())
  t.false(network.attempts[0]?.signal.aborted)
  t.is((await clock.until(first)).remoteAddr.toString(), address(2, peer).toString())
  // the slot frees only then
  t.deepEqual(network.attempts.map(({ at }) => at), [0, 3_000])
})

test('a node slot that an attempt gives up goes to the first dial that waits', async t => {
  const [a, b] = await Promise.all([newPeer(), newPeer()])
  const { engine, clock, network } = engineWorld(plain, { 2: { connects: 10 }, 3: { connects: 10 } }, { slots: { node: 1 } })
  const first = engine.dial([address(1, a), address(2, a)], patient())
  await clock.advance(10)
  const second = engine.dial(address(3, b), patient())
  await clock.until(Promise.all([first, second]))

  t.deepEqual(network.attempts.map(({ at, multiaddr }) => [Math.floor(at), multiaddr]), [
    [0, String(address(1, a))], [324, String(address(3, b))], [334, String(address(2, a))]
  ])
})

test('a transport that ignores its signal keeps its slot, and the dial continues', async t => {
  const peer = await newPeer()
  const { engine, clock, network, components } = engineWorld(plain, { 1: { connects: 20_000 }, 3: { connects: 10 } }, { slots: { peer: 2 } })
  const { dial } = components.transportManager
  components.transportManager.dial = async (multiaddr, options) => dial(multiaddr, String(multiaddr) === String(address(1, peer)) ? { ...options, signal: undefined } : options)
  const made = await clock.until(engine.dial([1, 2, 3].map(n => address(n, peer)), patient()))

  t.is(made.remoteAddr.toString(), address(3, peer).toString())
  // at the timeout of the second attempt
  t.deepEqual(network.attempts.map(({ at }) => at), [0, 250, 6_250])
  await clock.advance(30_000)
  t.is(clock.pending, 0)
  t.deepEqual(network.open, [made])
})

test('no attempt gives way to one that waits for a turn of the event loop', async t => {
  const peers = await Promise.all(Array.from({ length: 17 }, newPeer))
  const whole = pipeline(fromCaller(), pace('slow', ({ lastStart }) => lastStart + 1_000), race())
  const { engine, clock, network } = engineWorld(whole)
  // passes time in each turn
  clock.setTimeout = (fn, ms) => VirtualClock.prototype.setTimeout.call(clock, fn, ms === 0 ? 50 : ms)
  clock.setTimeout(() => { peers.slice(1).forEach(peer => { engine.dial(address(3, peer), patient()).catch(() => {}) }) }, 1_000)
  engine.dial([1, 2].map(n => address(n, peers[0])), patient()).catch(() => {})
  await clock.advance(3_000)

  t.deepEqual(network.attempts.filter(({ multiaddr }) => multiaddr.endsWith(String(peers[0]))).map(({ at, signal }) => [at, signal.aborted]), [[0, false], [1_050, false]])
  engine.stop()
})

test('an attempt that gives way does not end the connection that wins', async t => {
  const peer = await newPeer()
  const keep = stage({
    name: 'keep',
    accepts: ['connections'],
    yields: 'connections',
    run: async function * (connections, dial) {
      dial.linger()
      yield * connections
    }
  })
  const whole = pipeline(fromCaller(), stagger(10), race(), keep)
  const { engine, clock, network } = engineWorld(whole, { 2: { connects: 1_000 } }, { slots: { peer: 2 } })
  const made = await clock.until(engine.dial([1, 2, 3].map(n => address(n, peer)), patient()))
  await clock.advance(20_000)

  t.false(network.attempts[1]?.signal.aborted)
  t.is(made.status, 'open')
  t.is(clock.pending, 0)
})
