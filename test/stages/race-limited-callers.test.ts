import test from 'ava'
import { filter, pipeline, timeout } from '../../src/pipeline/index.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { address } from '../helpers/address.ts'
import { circuit, plain, quic, relayedWorld } from './relayed-world.ts'

test('a caller with runOnLimitedConnection gets the first limited connection at once', async t => {
  const { engine, clock, peer } = await relayedWorld(plain, { 1: { connects: 600 } })
  const connection = await clock.until(engine.dial([circuit(peer), address(1, peer)], { runOnLimitedConnection: true }))

  t.not(connection.limits, undefined)
  t.is(clock.now(), 12)
})

test('a caller that accepts limits and one that does not share attempts, and each gets its own connection', async t => {
  const { engine, clock, network, peer } = await relayedWorld(plain, { 1: { connects: 600 } })
  const target = [circuit(peer), address(1, peer)]
  const [tolerant, picky] = await clock.until(Promise.all([engine.dial(target, { runOnLimitedConnection: true }), engine.dial(target)]))

  t.not(tolerant.limits, undefined)
  t.is(picky.limits, undefined)
  t.is(tolerant.status, 'open')
  t.is(network.attempts.length, 2)
})

test('an open limited connection answers a dial that finds nothing better, also at its timeout, and stays open', async t => {
  for (const [stages, settings] of [[plain, { dialTimeout: 1_000 }], [pipeline(fromCaller(), timeout(500, pipeline(stagger(250), race()))), {}]] as const) {
    const { engine, clock, network, peer } = await relayedWorld(stages, {}, settings)
    const open = await clock.until(engine.dial(circuit(peer)))
    const silent = [address(1, peer), quic(2, peer)]

    t.is(await clock.until(engine.dial(silent)), open)
    t.is(await clock.until(engine.dial(silent, { runOnLimitedConnection: true })), open)

    const controller = new AbortController()
    const left = engine.dial(silent, { signal: controller.signal })
    controller.abort(new Error('left'))
    await t.throwsAsync(left, { name: 'Error' })
    await engine.dials.idle()
    t.deepEqual(network.open, [open])
  }
})

test('a limited connection of another dial does not answer one whose filters drop its address', async t => {
  const strict = pipeline(fromCaller(), filter('direct', ({ id }) => !id.includes('/p2p-circuit')), race())
  const { engine, clock, peer } = await relayedWorld(plain, { 1: 'silent' })
  const dial = engine.dial([address(1, peer), circuit(peer)], { pipeline: strict })
  const loose = await clock.until(engine.dial(circuit(peer), { runOnLimitedConnection: true }))

  t.not(loose.limits, undefined)
  await t.throwsAsync(clock.until(dial), { name: 'TimeoutError' })
})

test('a limited connection of another dial answers one that accepts its address', async t => {
  const { engine, clock, peer } = await relayedWorld(plain, { 1: 'silent' })
  const dial = engine.dial([address(1, peer), circuit(peer)])
  const loose = await clock.until(engine.dial(circuit(peer), { runOnLimitedConnection: true, pipeline: pipeline(fromCaller(), race()) }))

  t.is(await clock.until(dial), loose)
})

test('an open limited connection answers a caller that accepts limits at once', async t => {
  const { engine, clock, components, network, peer } = await relayedWorld(plain, { 1: { connects: 100 } })
  const open: any = { direction: 'inbound', status: 'open', limits: {}, remotePeer: peer, remoteAddr: circuit(peer) }
  components.connectionManager.getConnections = () => [open]

  t.is(await clock.until(engine.dial(address(1, peer), { runOnLimitedConnection: true })), open)
  t.is(clock.now(), 0)
  t.is(network.attempts.length, 0)
})
