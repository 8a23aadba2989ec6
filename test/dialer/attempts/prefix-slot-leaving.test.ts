import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { prefixSlotTimeOf } from '../../../src/dialer/attempts/guarded-prefixes.ts'
import { pipeline } from '../../../src/pipeline/index.ts'
import { candidate } from '../../../src/pipeline/candidate.ts'
import { attemptTimeout } from '../../../src/stages/attempt-timeout.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { fromRouting } from '../../../src/stages/from-routing.ts'
import { race } from '../../../src/stages/race.ts'
import { engineWorld, newPeer } from '../../helpers/scripted.ts'
import { at, flooded, inFlight, patient, startsOf } from '../flooded.ts'
import type { AttemptLayer } from '../../../src/pipeline/types.ts'
import type { EngineWorld } from '../../helpers/scripted.ts'
import type { Connection, PeerId } from '@libp2p/interface'

const only = pipeline(fromCaller(), race())

/** Options of a dial to an address from the DHT */
const named = { source: 'dht', pipeline: only }

/** Dials a new address in the victim's network at each interval, from the nth on */
async function keepComing ({ engine, clock }: EngineWorld, from: number, interval: number): Promise<void> {
  const peers = await Promise.all(Array.from({ length: 400 }, newPeer))
  const next = (n: number): void => {
    const peer = peers[n - from]

    if (peer != null) {
      engine.dial(at(n).encapsulate(`/p2p/${peer.toString()}`), named).catch(() => {})
      clock.setTimeout(() => { next(n + 1) }, interval)
    }
  }
  next(from)
}

test('a live host connects within seconds although 60 silent ones of its network were dialled first', async t => {
  const node = flooded()
  await node.flood(60)
  const peer = await newPeer()
  node.network.script(at(60).toString(), { connects: 20 })
  await node.clock.until(node.engine.dial(peer, patient()))
  const first = node.clock.now()
  await node.clock.advance(1_000)
  node.network.script(at(61).toString(), { connects: 20 })
  await node.clock.until(node.engine.dial(await newPeer(), patient()))

  t.is(first, 8 * 325 + 20, 'eight rounds: one of the places is for those that have left theirs')
  t.true(node.clock.now() - first - 1_000 < 6_000, 'one that comes later goes before those that have had a turn')
  node.engine.stop()
})

test('a silent attempt that nobody waits for keeps its slot until it times out', async t => {
  const node = flooded()
  await node.flood(8)
  await node.clock.advance(5_990)
  t.is(inFlight(node), 8)
  await node.clock.advance(20)
  t.is(node.network.attempts.length, 8)
  t.is(node.engine.dials.running.size, 0)
})

test('hosts that accept connections and then stay silent do not block others of their network', async t => {
  const node = flooded()
  Array.from({ length: 60 }, (_, n) => { node.network.script(at(n).toString(), { firstResponse: 20, connects: 60_000 }) })
  await node.flood(60)
  await node.clock.advance(1_000)
  node.network.script(at(60).toString(), { connects: 50 })
  await node.clock.until(node.engine.dial(await newPeer(), patient()))

  t.is(node.clock.now(), 1_050)
  node.engine.stop()
})

test('a hundred hosts of one network with round trips of 400 ms all connect within the dial timeout', async t => {
  const node = flooded()
  Array.from({ length: 100 }, (_, n) => { node.network.script(at(n).toString(), { firstResponse: 400, connects: 1_600 }) })
  const peers = await Promise.all(Array.from({ length: 100 }, newPeer))
  const connections = await node.clock.until(Promise.all(peers.map(async peer => node.engine.dial(peer))))

  t.is(connections.length, 100)
  node.engine.stop()
})

test('an attempt that holds its prefix slot and waits for another slot blocks nobody, and gets its prefix slot again', async t => {
  const node = flooded({ slots: { prefix: 1, peer: 1 } })
  const elsewhere = multiaddr('/ip4/9.9.9.9/tcp/1')
  const [busy, other] = await Promise.all([newPeer(), newPeer()])
  node.network.script(elsewhere.toString(), { connects: 3_000, firstResponse: 10 })
  node.network.script(at(0).toString(), { connects: 20 })
  node.network.script(at(1).toString(), { connects: 20 })
  // the peer slot is taken, so the prefix slot is held without an attempt
  node.engine.dial(elsewhere.encapsulate(`/p2p/${busy.toString()}`), { ...named, force: true }).catch(() => {})
  node.engine.dial(at(0).encapsulate(`/p2p/${busy.toString()}`), { ...named, force: true, initiator: false }).catch(() => {})
  await node.clock.advance(0)
  const connection = node.engine.dial(at(1).encapsulate(`/p2p/${other.toString()}`), named)
  await node.clock.until(connection)

  t.true(node.clock.now() < 1_000, `${node.clock.now()}`)
  // the attempt may leave its prefix slot once more after its start
  node.network.script(at(0).toString(), 'silent')
  node.network.script(at(2).toString(), { connects: 20 })
  await node.clock.advance(3_100 - node.clock.now())
  await node.clock.until(node.engine.dial(at(2).encapsulate(`/p2p/${(await newPeer()).toString()}`), named))

  t.is(startsOf(0, node)[0], 3_000)
  t.true(node.clock.now() <= 3_325 + 20, `${node.clock.now()}`)
  node.engine.stop()
})

test('attempts of one network that wait long for node slots all start, however many wait behind them', async t => {
  const node = flooded({ slots: { node: 4 } })
  const busy = await Promise.all(Array.from({ length: 44 }, newPeer))
  busy.forEach((peer, n) => {
    const address = multiaddr(`/ip4/20.1.${n}.1/tcp/4001`)
    node.network.script(address.toString(), { refuses: 400 })
    node.engine.dial(address.encapsulate(`/p2p/${peer.toString()}`), { pipeline: only }).catch(() => {})
  })
  await node.clock.advance(100)
  const peers = await Promise.all(Array.from({ length: 16 }, newPeer))
  peers.forEach((_, n) => { node.network.script(at(n).toString(), { connects: 100, firstResponse: 50 }) })
  const dials = await node.clock.until(Promise.allSettled(peers.map(async (peer, n) => node.engine.dial(at(n).encapsulate(`/p2p/${peer.toString()}`), named))))

  t.deepEqual(dials.filter(({ status }) => status === 'rejected'), [])
  node.engine.stop()
})

test('an attempt that waited long for a node slot has its full time in the prefix slot from its start', async t => {
  const node = flooded({ slots: { prefix: 1, node: 1 } })
  const elsewhere = multiaddr('/ip4/9.9.9.9/tcp/1')
  const [busy, first, second, third] = await Promise.all([newPeer(), newPeer(), newPeer(), newPeer()])
  node.network.script(elsewhere.toString(), { refuses: 1_000 })
  node.network.script(at(0).toString(), { connects: 300, firstResponse: 200 })
  node.network.script(at(1).toString(), { connects: 20 })
  node.engine.dial(elsewhere.encapsulate(`/p2p/${busy.toString()}`), { pipeline: only }).catch(() => {})
  await node.clock.advance(0)
  const connected = node.engine.dial(at(0).encapsulate(`/p2p/${first.toString()}`), named)
  await node.clock.advance(900)
  node.engine.dial(at(1).encapsulate(`/p2p/${second.toString()}`), named).catch(() => {})
  await node.clock.advance(200)
  // each new attempt checks the attempts that hold the prefix slot
  node.engine.dial(at(2).encapsulate(`/p2p/${third.toString()}`), named).catch(() => {})
  await node.clock.until(connected)

  t.is(startsOf(0, node).length, 1)
  node.engine.stop()
})

test('60 hosts of one network that answer after 600 ms all connect', async t => {
  const node = flooded()
  const peers = await Promise.all(Array.from({ length: 60 }, newPeer))
  peers.forEach((_, n) => { node.network.script(at(n).toString(), { connects: 700, firstResponse: 600 }) })
  const dials = await node.clock.until(Promise.allSettled(peers.map(async peer => node.engine.dial(peer))))

  t.true(dials.every(({ status }) => status === 'fulfilled'))
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

  t.deepEqual(ended, [...Array.from({ length: 8 }, () => 700), 620], 'the places are given back with the first answers')
  t.is(node.network.attempts.length, 9)
})

test('an attempt gives up its prefix slot for one whose priority is raised while it waits', async t => {
  const node = flooded()
  await node.flood(8)
  const peer = await newPeer()
  const dial = (priority: number): void => { node.engine.dial(at(8).encapsulate(`/p2p/${peer.toString()}`), { ...patient(), ...named, priority }).catch(() => {}) }
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

for (const [response, interval] of [[250, 30], [400, 60], [600, 200]] as const) {
  test(`a host that answers after ${response} ms connects within 2 s while a silent one is named every ${interval} ms`, async t => {
    const node = flooded()
    node.network.script(at(0).toString(), { connects: response + 50, firstResponse: response })
    await keepComing(node, 1, interval)
    await node.clock.advance(3_000)
    const begin = node.clock.now()
    await node.clock.until(node.engine.dial(at(0).encapsulate(`/p2p/${await newPeer()}`), named))

    t.true(node.clock.now() - begin < 2_000, `${node.clock.now() - begin}`)
    node.engine.stop()
  })
}

test('an attempt that gave up its prefix slot gets it back within 2 s, while silent addresses arrive every 30 ms', async t => {
  const node = flooded()
  node.network.script(at(0).toString(), { connects: 650, firstResponse: 600 })
  const dial = node.engine.dial(at(0).encapsulate(`/p2p/${await newPeer()}`), named)
  await keepComing(node, 1, 30)
  await node.clock.until(dial)

  t.is(startsOf(0, node).length, 2)
  t.true(node.clock.now() < 2_000, `${node.clock.now()}`)
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
  node.engine.dial(at(0).encapsulate(`/p2p/${String(first)}`), { ...patient(), ...named }).catch(() => {})
  await node.clock.advance(1_000)

  t.deepEqual(node.network.attempts.map(({ multiaddr }) => multiaddr.split('/')[4]), ['4000', '4001', '4002', '4003'])
  node.engine.stop()
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
