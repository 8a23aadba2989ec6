import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { adaptive, goLike, staggered } from '../../presets/index.ts'
import { fallback, filter, pipeline, source, stage, timeout } from '../../src/pipeline/index.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { address, engineWorld, newPeer } from '../helpers/scripted.ts'
import type { EngineWorld } from '../helpers/scripted.ts'
import type { DialPipeline } from '../../src/pipeline/types.ts'
import type { Script } from '../../src/testing/scripted-network.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const relay = await newPeer()
const plain = pipeline(fromCaller(), stagger(250), race())

const circuit = (peer: PeerId, n = 100): Multiaddr => multiaddr(`/ip4/192.0.2.${n}/tcp/4001/p2p/${relay}/p2p-circuit/p2p/${peer}`)
const webRTC = (peer: PeerId, n = 100): Multiaddr => multiaddr(`/ip4/192.0.2.${n}/tcp/4001/p2p/${relay}/p2p-circuit/webrtc/p2p/${peer}`)
const quic = (n: number, peer: PeerId): Multiaddr => multiaddr(`/ip4/192.0.2.${n}/udp/4001/quic-v1/p2p/${peer}`)

interface Relayed extends EngineWorld {
  peer: PeerId
}

/** A world with a peer behind a relay that answers after 12 ms */
async function relayed (stages: DialPipeline, direct: Record<number, Script> = {}, settings = {}): Promise<Relayed> {
  const peer = await newPeer()
  const made = engineWorld(stages, direct, { settings })
  made.network.script(circuit(peer).toString(), { connects: 12, isLimited: true })

  return { ...made, peer }
}

for (const [name, preset] of Object.entries({ adaptive, goLike, staggered })) {
  for (const ms of [60, 250, 600]) {
    test(`${name}() waits for a direct connection after ${ms} ms, although a relayed one opens after 12 ms`, async t => {
      const { engine, clock, network, peer } = await relayed(preset(), { 1: { connects: ms } })
      const connection = await clock.until(engine.dial([circuit(peer), address(1, peer)]))

      t.is(connection.limits, undefined)
      await engine.dials.idle()
      t.deepEqual(network.open, [connection])
      t.is(clock.pending, 0)
    })
  }

  test(`${name}() yields a relayed connection within three seconds when eight direct addresses are silent, without a look-up`, async t => {
    let lookups = 0
    const { engine, clock, components, network, peer } = await relayed(preset())
    components.peerRouting.findPeer = async id => {
      lookups++
      return { id, multiaddrs: [] }
    }
    const target = [...Array.from({ length: 8 }, (_, i) => address(i + 1, peer)), circuit(peer)]
    const connection = await clock.until(engine.dial(target))

    t.not(connection.limits, undefined)
    t.true(clock.now() <= 3_000, `after ${clock.now()} ms`)
    t.is(lookups, 0)

    // four more dials open no other relayed connection
    for (let i = 0; i < 4; i++) {
      t.is(await clock.until(engine.dial(target)), connection)
    }

    t.is(network.attempts.filter(({ multiaddr }) => multiaddr.includes('p2p-circuit')).length, 1)
    // a preset that converges lingers for a direct connection
    await clock.until(engine.dials.idle())
    t.is(clock.pending, 0)
  })
}

test('a caller with runOnLimitedConnection gets the first limited connection at once', async t => {
  const { engine, clock, peer } = await relayed(plain, { 1: { connects: 600 } })
  const connection = await clock.until(engine.dial([circuit(peer), address(1, peer)], { runOnLimitedConnection: true }))

  t.not(connection.limits, undefined)
  t.is(clock.now(), 12)
})

test('a caller that accepts limits and one that does not share attempts, and each gets its own connection', async t => {
  const { engine, clock, network, peer } = await relayed(plain, { 1: { connects: 600 } })
  const target = [circuit(peer), address(1, peer)]
  const [tolerant, picky] = await clock.until(Promise.all([engine.dial(target, { runOnLimitedConnection: true }), engine.dial(target)]))

  t.not(tolerant.limits, undefined)
  t.is(picky.limits, undefined)
  t.is(tolerant.status, 'open')
  t.is(network.attempts.length, 2)
})

test('the race closes a second limited connection while it waits for a direct one', async t => {
  const { engine, clock, network, peer } = await relayed(pipeline(fromCaller(), stagger(10), race()), { 1: { connects: 600 } })
  network.script(circuit(peer, 101).toString(), { connects: 12, isLimited: true })
  const dial = engine.dial([circuit(peer), circuit(peer, 101), address(1, peer)])
  await clock.advance(100)

  t.deepEqual(network.open.map(({ remoteAddr }) => remoteAddr.toString()), [circuit(peer).toString()])
  t.is((await clock.until(dial)).limits, undefined)
})

test('a limited connection is yielded as soon as all other addresses have failed', async t => {
  const { engine, clock, peer } = await relayed(plain, { 1: { refuses: 100 }, 2: { refuses: 100 } })
  const connection = await clock.until(engine.dial([circuit(peer), address(1, peer), address(2, peer)]))

  t.not(connection.limits, undefined)
  // 12 ms, then one after another, each after the failure before
  t.true(clock.now() < 700, `after ${clock.now()} ms`)
})

test('a limited connection waits one second for a silent TCP attempt, and five for one without first response events', async t => {
  for (const [other, ms] of [[(peer: PeerId) => address(1, peer), 1_012], [(peer: PeerId) => quic(1, peer), 5_012]] as const) {
    const { engine, clock, peer } = await relayed(plain)
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
  const { engine, clock, peer } = await relayed(pipeline(fromCaller(), forEver, stagger(250), race()))

  t.not((await clock.until(engine.dial(circuit(peer)))).limits, undefined)
  t.is(clock.now(), 5_012)
})

test('a second WebRTC address is dialled when the first has its relayed connection or has failed', async t => {
  for (const relays of [true, false]) {
    const { engine, clock, components, peer } = await relayed(pipeline(fromCaller(), stagger(10), race()))
    const starts: number[] = []
    components.transportManager.dial = async (_address, options) => {
      starts.push(clock.now())
      await new Promise<void>(resolve => { clock.setTimeout(resolve, 400) })

      if (relays) {
        options?.onProgress?.(Object.assign(new Event('webrtc:open-signaling-stream'), { detail: undefined }) as any)
        await new Promise<void>(resolve => { clock.setTimeout(resolve, 400) })
      }

      throw new Error('no WebRTC')
    }

    await t.throwsAsync(clock.until(engine.dial([webRTC(peer), webRTC(peer, 101)])))
    t.deepEqual(starts, [0, 400])
  }
})

test('the circuit address is not dialled beside WebRTC over the same relay', async t => {
  const { engine, clock, components, network, peer } = await relayed(pipeline(fromCaller(), stagger(250), race()))
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

test('a kept limited connection that closes is not yielded, and the dial fails', async t => {
  const { engine, clock, network, peer } = await relayed(plain)
  const dial = t.throwsAsync(clock.until(engine.dial([circuit(peer), address(1, peer)])))
  clock.setTimeout(() => { network.open[0]?.abort(new Error('the relay has gone')) }, 100)

  await dial
})

test('a caller that times out gets the kept limited connection', async t => {
  const { engine, clock, network, peer } = await relayed(plain, {}, { dialTimeout: 1_000 })
  const connection = await clock.until(engine.dial([circuit(peer), address(1, peer)]))

  t.not(connection.limits, undefined)
  t.is(clock.now(), 1_000)
  await engine.dials.idle()
  t.deepEqual(network.open, [connection])
})

test('a limited connection is yielded when timeout() ends the race, and kept for the next alternative of fallback()', async t => {
  const ends = await relayed(pipeline(fromCaller(), timeout(500, pipeline(stagger(250), race()))))
  t.not((await ends.clock.until(ends.engine.dial([circuit(ends.peer), address(1, ends.peer)]))).limits, undefined)
  t.is(ends.clock.now(), 500)

  const goesOn = await relayed(pipeline(fromCaller(), fallback(timeout(300, pipeline(stagger(250), race())), pipeline(stagger(250), race()))), { 1: { connects: 400 } })
  t.is((await goesOn.clock.until(goesOn.engine.dial([circuit(goesOn.peer), address(1, goesOn.peer)]))).limits, undefined)
})

test('an open limited connection answers a dial that finds nothing better, also at its timeout, and stays open', async t => {
  for (const [stages, settings] of [[plain, { dialTimeout: 1_000 }], [pipeline(fromCaller(), timeout(500, pipeline(stagger(250), race()))), {}]] as const) {
    const { engine, clock, network, peer } = await relayed(stages, {}, settings)
    const open = await clock.until(engine.dial(circuit(peer)))
    const silent = [address(1, peer), quic(2, peer)]

    t.is(await clock.until(engine.dial(silent)), open)
    t.is(await clock.until(engine.dial(silent, { runOnLimitedConnection: true })), open)

    const controller = new AbortController()
    const left = engine.dial(silent, { signal: controller.signal })
    controller.abort(new Error('left'))
    await t.throwsAsync(left)
    await engine.dials.idle()
    t.deepEqual(network.open, [open])
  }
})

const strict = pipeline(fromCaller(), filter('direct', ({ id }) => !id.includes('/p2p-circuit')), race())

test('a limited connection of another dial does not answer one whose filters drop its address', async t => {
  const { engine, clock, peer } = await relayed(plain, { 1: 'silent' })
  const dial = engine.dial([address(1, peer), circuit(peer)], { pipeline: strict })
  const loose = await clock.until(engine.dial(circuit(peer), { runOnLimitedConnection: true }))

  t.not(loose.limits, undefined)
  await t.throwsAsync(clock.until(dial), { name: 'TimeoutError' })
})

test('a limited connection of another dial answers one that accepts its address', async t => {
  const { engine, clock, peer } = await relayed(plain, { 1: 'silent' })
  const dial = engine.dial([address(1, peer), circuit(peer)])
  const loose = await clock.until(engine.dial(circuit(peer), { runOnLimitedConnection: true, pipeline: pipeline(fromCaller(), race()) }))

  t.is(await clock.until(dial), loose)
})

test('an open limited connection answers a caller that accepts limits at once', async t => {
  const { engine, clock, components, network, peer } = await relayed(plain, { 1: { connects: 100 } })
  const open: any = { direction: 'inbound', status: 'open', limits: {}, remotePeer: peer, remoteAddr: circuit(peer) }
  components.connectionManager.getConnections = () => [open]

  t.is(await clock.until(engine.dial(address(1, peer), { runOnLimitedConnection: true })), open)
  t.is(clock.now(), 0)
  t.is(network.attempts.length, 0)
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
  const { engine, clock, peer } = await relayed(pipeline(fromCaller(), listening, race(), lingering), { 1: { refuses: 600 } })
  t.not((await clock.until(engine.dial([circuit(peer), address(1, peer)]))).limits, undefined)
  await clock.until(engine.dials.idle())

  t.false(lasts.includes(true))
})
