import test from 'ava'
import { filter, pipeline } from '../../../src/pipeline/index.ts'
import { certified } from '../../../src/stages/certified.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../../src/stages/from-peer-store.ts'
import { race } from '../../../src/stages/race.ts'
import { stagger } from '../../../src/stages/stagger.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer, recordOf } from '../../helpers/signing-peer.ts'

const loose = pipeline(fromCaller(), stagger(), race())

test('two callers of one peer share an attempt and get the same connection', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(loose, { 1: { connects: 100 } })
  const connections = await clock.until(Promise.all([engine.dial(address(1, peer)), engine.dial(address(1, peer))]))

  t.is(connections[0], connections[1])
  t.deepEqual(network.dialled, [String(address(1))])
})

test('a joining caller\'s new address is dialled in the running dial', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(loose, { 2: { connects: 100 } })
  const first = engine.dial(address(1, peer))
  await clock.advance(50)
  const second = engine.dial([address(1, peer), address(2, peer)])
  const connections = await clock.until(Promise.all([first, second]))

  t.is(connections[0], connections[1])
  t.deepEqual(network.attempts.map(({ at }) => at), [0, 250])
  t.deepEqual(network.dialled, [address(1), address(2)].map(String))
})

test('callers without a peer id join a running dial by address', async t => {
  const { engine, clock, network } = engineWorld(loose, { 1: { connects: 100 } })
  const first = engine.dial(address(1))
  await clock.advance(50)
  const second = engine.dial(address(1))
  const connections = await clock.until(Promise.all([first, second]))

  t.is(connections[0], connections[1])
  t.is(network.attempts.length, 1)
})

test('a caller that aborts does not affect the other caller', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(loose, { 1: { connects: 100 } })
  const controller = new AbortController()
  const first = engine.dial(address(1, peer), { signal: controller.signal })
  const second = engine.dial(address(1, peer))
  await clock.advance(50)
  controller.abort(new Error('changed my mind'))

  await t.throwsAsync(first, { message: 'changed my mind' })
  t.is((await clock.until(second)).status, 'open')
  t.is(network.attempts.length, 1)
})

test('when all callers have aborted, the attempts end, and a new dial starts again', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(loose, { 1: { connects: 100 } })
  const controllers = [new AbortController(), new AbortController()]
  const dials = controllers.map(async ({ signal }) => engine.dial(address(1, peer), { signal }))
  await clock.advance(50)
  controllers.forEach(controller => { controller.abort(new Error('left')) })
  await Promise.all(dials.map(async dial => t.throwsAsync(dial, { message: 'left' })))

  t.true(network.attempts[0]?.signal.aborted)
  t.is((await clock.until(engine.dial(address(1, peer)))).status, 'open')
  t.is(network.attempts.length, 2)
  t.is(clock.pending, 0)
})

test('a joining caller without a signal has dialTimeout, although the first waits longer', async t => {
  const peer = await newPeer()
  const { engine, clock } = engineWorld(loose, {}, { settings: { dialTimeout: 1_000 } })
  const controller = new AbortController()
  const first = engine.dial(address(1, peer), { signal: controller.signal })
  const second = engine.dial(address(1, peer))
  first.catch(() => {})

  await t.throwsAsync(clock.until(second), { name: 'TimeoutError' })
  t.is(clock.now(), 1_000)
  controller.abort()
  await t.throwsAsync(first, { name: 'AbortError' })
})

test('a strict and a loose dial attempt a shared address once, and the strict one does not connect over a dropped address', async t => {
  const peer = await newPeer()
  const strict = pipeline(fromPeerStore(), fromCaller(), certified(), stagger(), race())
  const { engine, clock, network } = engineWorld(loose, { 1: { connects: 400 }, 2: { connects: 50 } }, {
    stored: [{ multiaddr: address(1), isCertified: true }, { multiaddr: address(2), isCertified: false }],
    peerRecordEnvelope: await recordOf(peer, [address(1)])
  })

  const [tolerant, careful] = await clock.until(Promise.all([
    engine.dial([address(1, peer), address(2, peer)]),
    engine.dial([address(1, peer), address(2, peer)], { pipeline: strict })
  ]))

  t.is(tolerant.remoteAddr.toString(), address(2, peer).toString())
  t.is(careful.remoteAddr.toString(), address(1, peer).toString())
  t.deepEqual(network.dialled, [address(1), address(2)].map(String))
})

test('a dial does not use the attempt of another dial at an address that its own filter drops', async t => {
  const peer = await newPeer()
  const strict = pipeline(fromCaller(), filter('not-2', ({ id }) => !id.includes('192.0.2.2/')), stagger(), race())
  const { engine, clock, network } = engineWorld(loose, { 1: { refuses: 500 }, 2: { connects: 50 } })
  const careful = engine.dial(address(1, peer), { pipeline: strict })
  await clock.advance(10)
  const tolerant = engine.dial([address(1, peer), address(2, peer)])

  await Promise.all([
    t.throwsAsync(clock.until(careful), { message: /ECONNREFUSED/ }),
    t.notThrowsAsync(tolerant)
  ])
  t.deepEqual(network.dialled, [address(1), address(2)].map(String))
})

test('a caller that aborts does not end an attempt that another dial shares', async t => {
  const peer = await newPeer()
  const other = pipeline(fromCaller(), race())
  const { engine, clock, network } = engineWorld(loose, { 1: { connects: 100 } })
  const controller = new AbortController()
  const first = engine.dial(address(1, peer), { signal: controller.signal })
  const second = engine.dial(address(1, peer), { pipeline: other })
  await clock.advance(50)
  controller.abort(new Error('left'))
  await t.throwsAsync(first, { message: 'left' })

  t.is((await clock.until(second)).status, 'open')
  t.is(network.attempts.length, 1)
  t.false(network.attempts[0]?.signal.aborted)
})

test('dials with different options are not joined', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(loose, { 1: { connects: 100 } })
  const dials = Promise.all([
    engine.dial(address(1, peer)),
    engine.dial(address(1, peer), { initiator: false })
  ])
  const connections = await clock.until(dials)

  t.not(connections[0], connections[1])
  t.is(network.attempts.length, 2)
})

test('each caller hears the progress of the dial that it joined', async t => {
  const peer = await newPeer()
  const { engine, clock } = engineWorld(loose, { 1: { connects: 100, firstResponse: 30 } })
  const events: Record<'first' | 'second', string[]> = { first: [], second: [] }
  const first = engine.dial(address(1, peer), { onProgress: ({ type }) => { events.first.push(type) } })
  await clock.advance(10)
  const second = engine.dial(address(1, peer), { onProgress: ({ type }) => { events.second.push(type) } })
  await clock.until(Promise.all([first, second]))

  t.deepEqual(events.first, ['dial-queue:add-to-dial-queue', 'dial-queue:start-dial', 'dial-queue:calculated-addresses', 'dial-pipeline:attempt-start', 'upgrader:encrypt-outbound-connection', 'dial-pipeline:attempt-end'])
  t.deepEqual(events.second, ['dial-queue:already-in-dial-queue', 'upgrader:encrypt-outbound-connection', 'dial-pipeline:attempt-end'])
})

test('callers without a peer id join for the same addresses, and do not get the peer at another', async t => {
  const { engine, clock, network } = engineWorld(loose, { 1: { connects: 10 }, 2: { connects: 500 } })
  const controller = new AbortController()
  const both = engine.dial([address(1), address(2)])
  const same = engine.dial([address(2), address(1)])
  const left = t.throwsAsync(engine.dial([address(1), address(2)], { signal: controller.signal, onProgress: () => { controller.abort(new Error('left')) } }), { message: 'left' })
  const other = engine.dial(address(2))
  const [first, second, third] = await clock.until(Promise.all([both, same, other]))
  await left

  t.is(first, second)
  t.is(first.remoteAddr.toString(), address(1).toString())
  t.is(third.remoteAddr.toString(), address(2).toString())
  t.is(network.attempts.length, 2)
  await engine.dials.idle()
  t.is(engine.dials.pending.size, 0)
})
