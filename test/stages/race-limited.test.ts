import test from 'ava'
import { fallback, pipeline, source, stage, timeout } from '../../src/pipeline/index.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { address } from '../helpers/address.ts'
import { circuit, plain, quic, relayedWorld, webRTC } from './relayed-world.ts'
import type { PeerId } from '@libp2p/interface'

test('the race closes a second limited connection while it waits for a direct one', async t => {
  const { engine, clock, network, peer } = await relayedWorld(pipeline(fromCaller(), stagger(10), race()), { 1: { connects: 600 } })
  network.script(circuit(peer, 101).toString(), { connects: 12, isLimited: true })
  const dial = engine.dial([circuit(peer), circuit(peer, 101), address(1, peer)])
  await clock.advance(100)

  t.deepEqual(network.open.map(({ remoteAddr }) => remoteAddr.toString()), [circuit(peer).toString()])
  t.is((await clock.until(dial)).limits, undefined)
})

test('a limited connection is yielded as soon as all other addresses have failed', async t => {
  const { engine, clock, peer } = await relayedWorld(plain, { 1: { refuses: 100 }, 2: { refuses: 100 } })
  const connection = await clock.until(engine.dial([circuit(peer), address(1, peer), address(2, peer)]))

  t.not(connection.limits, undefined)
  // 12 ms, then one after another, each after the failure before
  t.true(clock.now() < 700, `after ${clock.now()} ms`)
})

test('a limited connection waits one second for a silent TCP attempt, and five for one without first response events', async t => {
  for (const [other, ms] of [[(peer: PeerId) => address(1, peer), 1_012], [(peer: PeerId) => quic(1, peer), 5_012]] as const) {
    const { engine, clock, peer } = await relayedWorld(plain)
    const connection = await clock.until(engine.dial([circuit(peer), other(peer)]))

    t.not(connection.limits, undefined)
    t.is(clock.now(), ms)
  }
})

test('a limited connection is yielded after five seconds, whatever sources are awaited', async t => {
  const forEver = source('for-ever', async function * (dial) {
    yield * []
    await new Promise((_resolve, reject) => { dial.signal.addEventListener('abort', () => { reject(dial.signal.reason) }) })
  })
  const { engine, clock, peer } = await relayedWorld(pipeline(fromCaller(), forEver, stagger(250), race()))

  t.not((await clock.until(engine.dial(circuit(peer)))).limits, undefined)
  t.is(clock.now(), 5_012)
})

test('a kept limited connection that closes is not yielded, and the dial fails', async t => {
  const { engine, clock, network, peer } = await relayedWorld(plain)
  const dial = t.throwsAsync(clock.until(engine.dial([circuit(peer), address(1, peer)])), { name: 'TimeoutError' })
  clock.setTimeout(() => { network.open[0]?.abort(new Error('the relay has gone')) }, 100)

  await dial
})

test('a caller that times out gets the kept limited connection', async t => {
  const { engine, clock, network, peer } = await relayedWorld(plain, {}, { dialTimeout: 1_000 })
  const connection = await clock.until(engine.dial([circuit(peer), address(1, peer)]))

  t.not(connection.limits, undefined)
  t.is(clock.now(), 1_000)
  await engine.dials.idle()
  t.deepEqual(network.open, [connection])
})

test('a limited connection is yielded when timeout() ends the race, and kept for the next alternative of fallback()', async t => {
  const ends = await relayedWorld(pipeline(fromCaller(), timeout(500, pipeline(stagger(250), race()))))
  t.not((await ends.clock.until(ends.engine.dial([circuit(ends.peer), address(1, ends.peer)]))).limits, undefined)
  t.is(ends.clock.now(), 500)

  const goesOn = await relayedWorld(pipeline(fromCaller(), fallback(timeout(300, pipeline(stagger(250), race())), pipeline(stagger(250), race()))), { 1: { connects: 400 } })
  t.is((await goesOn.clock.until(goesOn.engine.dial([circuit(goesOn.peer), address(1, goesOn.peer)]))).limits, undefined)
})

test('there is no last call after a limited connection was yielded', async t => {
  const lasts: boolean[] = []
  const listening = stage('listening', () => ({ candidates, last }) => {
    lasts.push(last)

    return candidates
  })
  const lingering = stage({
    name: 'lingering',
    accepts: ['connections'],
    yields: 'connections',
    run: (connections, dial) => {
      dial.linger()

      return connections
    }
  })
  const { engine, clock, peer } = await relayedWorld(pipeline(fromCaller(), listening, race(), lingering), { 1: { refuses: 600 } })
  t.not((await clock.until(engine.dial([circuit(peer), address(1, peer)]))).limits, undefined)
  await clock.until(engine.dials.idle())

  t.false(lasts.includes(true))
})

test('a second WebRTC address is dialled when the first has its relayed connection or has failed', async t => {
  for (const relays of [true, false]) {
    const { engine, clock, components, peer } = await relayedWorld(pipeline(fromCaller(), stagger(10), race()))
    const starts: number[] = []
    components.transportManager.dial = async (_address, options) => {
      starts.push(clock.now())
      await new Promise<void>(resolve => { clock.setTimeout(resolve, 400) })

      if (relays) {
        // `any`: a transport reports more events than its type has
        options?.onProgress?.(Object.assign(new Event('webrtc:open-signaling-stream'), { detail: undefined }) as any)
        await new Promise<void>(resolve => { clock.setTimeout(resolve, 400) })
      }

      throw new Error('no WebRTC')
    }

    await t.throwsAsync(clock.until(engine.dial([webRTC(peer), webRTC(peer, 101)])), { name: 'AggregateError' })
    t.deepEqual(starts, [0, 400])
  }
})

test('the circuit address is not dialled beside WebRTC over the same relay', async t => {
  const { engine, clock, components, network, peer } = await relayedWorld(plain)
  const dial = components.transportManager.dial.bind(components.transportManager)
  components.transportManager.dial = async (one, options) => {
    if (!one.toString().includes('/webrtc/')) {
      return dial(one, options)
    }

    await dial(circuit(peer), options)
    await new Promise<void>(resolve => { clock.setTimeout(resolve, 900) })

    return dial(address(1, peer), options)
  }
  network.script(address(1).toString(), { connects: 0 })
  const connection = await clock.until(engine.dial([webRTC(peer), circuit(peer)]))

  t.is(connection.limits, undefined)
  t.is(network.attempts.filter(({ multiaddr }) => multiaddr === circuit(peer).toString()).length, 1)
})
