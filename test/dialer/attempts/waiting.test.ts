import test from 'ava'
import { pipeline } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'

const plain = pipeline(fromCaller(), race())

test('at most maxParallelDials dials run, and the rest wait by priority', async t => {
  const peers = await Promise.all(Array.from({ length: 4 }, newPeer))
  const { engine, clock, network } = engineWorld(plain, { 1: { connects: 100 }, 2: { connects: 100 }, 3: { connects: 100 }, 4: { connects: 100 } }, { settings: { maxParallelDials: 1 } })
  const dials = Promise.all(peers.map(async (peer, i) => engine.dial(address(i + 1, peer), { priority: [50, 50, 50, 75][i] })))
  await clock.until(dials)

  t.deepEqual(network.attempts.map(({ at }) => at), [0, 100, 200, 300])
  t.deepEqual(network.dialled, [1, 4, 2, 3].map(n => String(address(n))))
})

test('a caller of higher priority that joins a queued dial moves it forward', async t => {
  const peers = await Promise.all(Array.from({ length: 3 }, newPeer))
  const { engine, clock, network } = engineWorld(plain, { 1: { connects: 100 }, 2: { connects: 100 }, 3: { connects: 100 } }, { settings: { maxParallelDials: 1 } })
  const dials = peers.map(async (peer, i) => engine.dial(address(i + 1, peer)))
  dials.push(engine.dial(address(3, peers[2]), { priority: 75 }))
  await clock.until(Promise.all(dials))

  t.deepEqual(network.dialled, [1, 3, 2].map(n => String(address(n))))
})

test('time in the queue does not count against the timeout', async t => {
  const [a, b] = await Promise.all([newPeer(), newPeer()])
  const { engine, clock } = engineWorld(plain, { 1: { refuses: 900 }, 2: { connects: 900 } }, { settings: { maxParallelDials: 1, dialTimeout: 1_000 } })
  const first = engine.dial(address(1, a))
  const second = engine.dial(address(2, b))
  first.catch(() => {})

  t.is((await clock.until(second)).status, 'open')
  t.is(clock.now(), 1_800)
})

test('a dial beyond maxDialQueueLength rejects with an error, also when all others are queued', async t => {
  const peers = await Promise.all(Array.from({ length: 3 }, newPeer))
  const { engine } = engineWorld(plain, {}, { settings: { maxParallelDials: 1, maxDialQueueLength: 2 } })
  const dials = peers.slice(0, 2).map(async peer => engine.dial(address(1, peer)))
  await t.throwsAsync(engine.dial(address(1, peers[2])), { name: 'DialError', message: 'Dial queue is full' })
  engine.stop()
  await Promise.all(dials.map(async dial => t.throwsAsync(dial, { name: 'AbortError' })))
})

test('stop() rejects running and queued dials at once, and start() allows new ones', async t => {
  const [a, b] = await Promise.all([newPeer(), newPeer()])
  const { engine, clock, network } = engineWorld(plain, { 3: { connects: 10 } }, { settings: { maxParallelDials: 1 } })
  const dials = [engine.dial(address(1, a)), engine.dial(address(2, b), { signal: new AbortController().signal })]
  await clock.advance(10)
  engine.stop()

  await Promise.all(dials.map(async dial => t.throwsAsync(dial, { name: 'AbortError' })))
  await t.throwsAsync(engine.dial(address(3, a)), { name: 'AbortError' })
  await clock.advance(0)
  t.is(clock.pending, 0)
  t.is(engine.dials.pending.size, 0)
  t.is(engine.dials.running.size, 0)
  t.is(network.attempts.length, 1)
  t.true(network.attempts[0]?.signal.aborted)

  engine.stop()
  engine.start()
  t.is((await clock.until(engine.dial(address(3, a)))).status, 'open')
})

test('a caller that aborts while queued leaves no dial', async t => {
  const [a, b] = await Promise.all([newPeer(), newPeer()])
  const { engine, clock, network } = engineWorld(plain, { 1: { connects: 100 } }, { settings: { maxParallelDials: 1 } })
  const controller = new AbortController()
  const first = engine.dial(address(1, a))
  const second = engine.dial(address(2, b), { signal: controller.signal })
  controller.abort(new Error('left'))
  await t.throwsAsync(second, { message: 'left' })
  await clock.until(first)

  t.is(engine.dials.pending.size, 0)
  t.deepEqual(network.dialled, [String(address(1))])
})

test('a queued dial resolves with a connection that opened meanwhile', async t => {
  const [a, b] = await Promise.all([newPeer(), newPeer()])
  const { engine, clock, network } = engineWorld(plain, { 1: { connects: 100 }, 2: { connects: 10 } }, { settings: { maxParallelDials: 1 } })
  const first = engine.dial(address(1, a))
  const second = engine.dial(address(2, b))
  const inbound = await clock.until(network.dial(address(2, b), {}))
  await clock.until(first)

  t.is(await second, inbound)
})

for (const [what, slots] of [['of the node', { node: 1 }], ['of a transport', { transport: { scripted: 1 } }]] as const) {
  test(`a caller of higher priority moves an attempt forward that waits for a slot ${what}`, async t => {
    const peers = await Promise.all(Array.from({ length: 3 }, newPeer))
    const { engine, clock, network } = engineWorld(plain, { 1: { connects: 100 }, 2: { connects: 100 }, 3: { connects: 100 } }, { slots })
    const dials = peers.map(async (peer, i) => engine.dial(address(i + 1, peer)))
    await clock.advance(10)
    dials.push(engine.dial(address(3, peers[2]), { priority: 75 }))
    await clock.until(Promise.all(dials))

    t.deepEqual(network.dialled, [1, 3, 2].map(n => String(address(n))))
    t.deepEqual(network.attempts.map(({ at }) => at), [0, 100, 200])
  })
}

test('a caller of lower priority that joins does not move a dial back', async t => {
  const peers = await Promise.all(Array.from({ length: 3 }, newPeer))
  const { engine, clock, network } = engineWorld(plain, { 1: { connects: 100 }, 2: { connects: 100 }, 3: { connects: 100 } }, { slots: { node: 1 } })
  const dials = peers.map(async (peer, i) => engine.dial(address(i + 1, peer), { priority: i === 2 ? 75 : 50 }))
  await clock.advance(10)
  dials.push(engine.dial(address(3, peers[2]), { priority: 1 }), engine.dial(address(3, peers[2]), { priority: 2, force: true }))
  await clock.until(Promise.all(dials))

  t.deepEqual(network.dialled, [1, 3, 2].map(n => String(address(n))))
})
