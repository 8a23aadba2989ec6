import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { pace, pipeline } from '../../../src/pipeline/index.ts'
import { fromBootstrap } from '../../../src/stages/from-bootstrap.ts'
import { fromPeerStore } from '../../../src/stages/from-peer-store.ts'
import { race } from '../../../src/stages/race.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import { at, flooded, inFlight, mostInFlight, patient, signed } from '../flooded.ts'

test('1,000 routing addresses of one /24 have at most eight attempts in flight, and each is dialled', async t => {
  const node = flooded()
  await node.flood(1_000)

  t.is(await mostInFlight(node), 8)
  // each attempt leaves its prefix slot once, except the last seven. An attempt that has already left holds the eighth slot
  t.is(node.network.attempts.length, 2_000 - 7)
  t.is(node.clock.pending, 0)
})

for (const [slots, count] of [[{ prefix: 3 }, 3], [{ prefix: Infinity }, 20], [{ prefix: 12, node: 5 }, 5]] as const) {
  test(`with slots ${JSON.stringify(slots)}, ${count} of 20 addresses of one prefix are in flight`, async t => {
    const node = flooded({ slots })
    await node.flood(20)
    t.is(inFlight(node), count)
    node.engine.stop()
  })
}

test('a user-named address does not wait for prefix slots', async t => {
  const node = flooded()
  await node.flood(100)
  const given = at(777).encapsulate(`/p2p/${(await newPeer()).toString()}`)
  node.network.script(given.toString(), { connects: 10 })
  const begin = node.clock.now()
  const { engine } = node
  const connection = await node.clock.until(engine.dial(given, patient()))

  t.is(connection.remoteAddr.toString(), given.toString())
  t.is(node.clock.now() - begin, 10)
  engine.stop()
})

for (const [who, options] of [['who joins the dial', {}], ['another dial', { force: true }]] as const) {
  test(`an address that waits for a slot of its IP prefix starts when ${who} names it`, async t => {
    const node = flooded()
    await node.flood(100)
    const peer = await newPeer()
    const heard = node.engine.dial(peer, patient())
    // the next address after the 100 that routers name
    const given = at(100).encapsulate(`/p2p/${peer.toString()}`)
    await node.clock.advance(100)
    node.network.script(given.toString(), { connects: 10 })
    t.false(node.network.dialled.includes(at(100).toString()))
    const begin = node.clock.now()
    const connection = await node.clock.until(node.engine.dial(given, { ...patient(), ...options }))

    t.is(connection.remoteAddr.toString(), given.toString())
    t.true(node.clock.now() - begin <= 20)
    t.is(await heard, connection)
    t.is(node.network.dialled.filter(one => one === at(100).toString()).length, 1)
    node.engine.stop()
    await node.clock.advance(0)
    t.is(node.clock.pending, 0)
  })
}

test('an address of a signed record does not wait for prefix slots', async t => {
  const node = flooded({ booked: [signed(at(777))] })
  node.network.script(at(777).toString(), { connects: 10 })
  await node.flood(100)
  // each peer has one signed address and one from routing, which eight dials try first
  await node.clock.advance(270)
  t.is(node.network.open.length, 100)
  t.true(inFlight(node) <= 8)
  node.engine.stop()
})

test('nine bootstrap peers of one /24 are dialled concurrently', async t => {
  const peers = await Promise.all(Array.from({ length: 9 }, newPeer))
  const node = engineWorld(pipeline(fromBootstrap(peers.map((peer, i) => at(i).encapsulate(`/p2p/${peer}`))), race()))
  peers.forEach(peer => { node.engine.dial(peer, patient()).catch(() => {}) })
  await node.clock.advance(0)

  t.is(inFlight(node), 9)
})

test('prefix slots do not limit different networks or private addresses', async t => {
  const node = flooded({ addresses: n => multiaddr(n % 2 === 0 ? `/ip4/5.6.${n % 100}.1/tcp/1` : `/ip4/10.0.0.${n}/tcp/1`) })
  await node.flood(100)
  t.is(inFlight(node), 100)
  node.engine.stop()
})

for (const isCertified of [false, true]) {
  test(`a pace that starts all addresses at once stays within the prefix slots${isCertified ? ', also for addresses marked certified in the peer store' : ''}`, async t => {
    const many = Array.from({ length: 20 }, (_, n) => ({ multiaddr: at(n), isCertified }))
    const node = engineWorld(pipeline(fromPeerStore(), pace('eager', race => race.lastStart + 10), race()), {}, { stored: many, slots: { peer: 20 } })
    node.engine.dial(await newPeer(), patient()).catch(() => {})
    await node.clock.advance(1_000)
    t.is(inFlight(node), 8)
    node.engine.stop()
  })
}
