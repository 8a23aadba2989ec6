// a limited connection reaches the caller only through the stages below the race, and not after one of them has refused it
import test from 'ava'
import { fallback, pipeline, retry, stage, timeout } from '../../src/pipeline/index.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { address } from '../helpers/address.ts'
import { passesOnAfter } from './connection-checks.ts'
import { circuit, plain, relayedWorld } from './relayed-world.ts'
import type { RelayedWorld } from './relayed-world.ts'
import type { ConnectedDial } from '../../src/pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** Passes on unlimited connections only */
const unlimited = (refuse: (connection: Connection, dial: ConnectedDial) => void) => stage({
  name: 'unlimited',
  accepts: ['connections'],
  yields: 'connections',
  run: async function * (connections, dial) {
    for await (const connection of connections) {
      if (connection.limits == null) {
        yield connection
      } else {
        refuse(connection, dial)
      }
    }
  }
})

const discards = unlimited((connection, dial) => { dial.discard(connection, 'is limited') })
const keeps = unlimited(() => {})

/** Connections stay open for a while after close(), as with a muxer that waits for its streams */
function closeSlowly ({ components, clock }: RelayedWorld): void {
  const { transportManager } = components
  const dial = transportManager.dial.bind(transportManager)
  transportManager.dial = async (...args) => {
    const connection = await dial(...args)
    const close = connection.close.bind(connection)
    connection.close = async () => {
      await new Promise<void>(resolve => { clock.setTimeout(resolve, 500) })
      await close()
    }

    return connection
  }
}

test('a limited connection that a stage below the race refuses does not answer the dial while it closes', async t => {
  for (const [name, below] of Object.entries({ discards, keeps })) {
    for (const stages of [pipeline(race(), below), pipeline(retry(race(), { retries: 0 }), below), fallback(pipeline(race(), below))]) {
      const world = await relayedWorld(pipeline(fromCaller(), stagger(250), stages))
      closeSlowly(world)
      const { engine, clock, network, peer } = world

      await t.throwsAsync(clock.until(engine.dial([circuit(peer)])), { name: 'VerificationError' }, `${name} ${stages.name}`)
      await clock.advance(2_000)
      t.deepEqual(network.open, [])
    }
  }
})

test('a refused limited connection does not answer a caller that times out', async t => {
  const world = await relayedWorld(pipeline(fromCaller(), stagger(250), race(), discards), {}, { dialTimeout: 1_200 })
  closeSlowly(world)
  const { engine, clock, peer } = world

  await t.throwsAsync(clock.until(engine.dial([circuit(peer), address(1, peer)])), { name: 'TimeoutError' })
})

test('a limited connection that no stage below the race has seen does not answer when the time is up', async t => {
  for (const [stages, settings] of [
    [pipeline(fromCaller(), stagger(250), race(), discards), { dialTimeout: 500 }],
    [pipeline(fromCaller(), timeout(500, pipeline(stagger(250), race(), discards))), {}],
    [pipeline(fromCaller(), timeout(500, pipeline(stagger(250), race())), discards), {}]
  ] as const) {
    const { engine, clock, network, peer } = await relayedWorld(stages, {}, settings)

    await t.throwsAsync(clock.until(engine.dial([circuit(peer), address(1, peer)])), { name: 'TimeoutError' })
    t.is(clock.now(), 500)
    await engine.dials.idle()
    t.deepEqual(network.open, [])
  }
})

test('a refused limited connection that another dial uses stays open, and the dial goes on to the next relay', async t => {
  const { engine, clock, network, peer } = await relayedWorld(pipeline(fromCaller(), race(), discards))
  network.script(circuit(peer, 101).toString(), { connects: 30, isLimited: true })
  const strict = t.throwsAsync(engine.dial([circuit(peer), circuit(peer, 101)]), { message: /192.0.2.101.*unlimited refused/ })
  const loose = await clock.until(engine.dial(circuit(peer), { runOnLimitedConnection: true, pipeline: plain }))
  await clock.until(strict)
  await engine.dials.idle()

  t.deepEqual(network.open, [loose])
  t.is(network.dialled.length, 2)
})

test('an unlimited connection answers after a stage below the race has refused a limited one', async t => {
  const { engine, clock, peer } = await relayedWorld(pipeline(fromCaller(), stagger(250), race(), discards), { 1: { connects: 1_500 } })
  const connection = await clock.until(engine.dial([circuit(peer), address(1, peer)]))

  t.is(connection.limits, undefined)
})

test('a limited connection that a stage was still checking at the end of its alternative answers the next one', async t => {
  const { engine, clock, network, peer } = await relayedWorld(pipeline(fromCaller(), fallback(timeout(1_000, pipeline(race(), passesOnAfter(5_000))), race())))
  const connection = await clock.until(engine.dial([circuit(peer)]))
  t.is(connection.status, 'open')
  t.deepEqual([clock.now(), network.attempts.length], [1_000, 1])
})
