import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { newPeer } from '../../helpers/signing-peer.ts'
import { at, flooded, startsOf } from '../flooded.ts'
import { callerOnly, dialReported } from './reported-dial.ts'

test('an attempt that holds its prefix slot and waits for another slot blocks nobody, and gets its prefix slot again', async t => {
  const node = flooded({ slots: { prefix: 1, peer: 1 } })
  const elsewhere = multiaddr('/ip4/9.9.9.9/tcp/1')
  const [busy, other] = await Promise.all([newPeer(), newPeer()])
  node.network.script(elsewhere.toString(), { connects: 3_000, firstResponse: 10 })
  node.network.script(at(0).toString(), { connects: 20 })
  node.network.script(at(1).toString(), { connects: 20 })
  // the peer slot is taken, so the prefix slot is held without an attempt
  dialReported(node, elsewhere, busy, { force: true }).catch(() => {})
  dialReported(node, at(0), busy, { force: true, initiator: false }).catch(() => {})
  await node.clock.advance(0)
  await node.clock.until(dialReported(node, at(1), other))

  t.true(node.clock.now() < 1_000, `${node.clock.now()}`)
  // the attempt may leave its prefix slot once more after its start
  node.network.script(at(0).toString(), 'silent')
  node.network.script(at(2).toString(), { connects: 20 })
  await node.clock.advance(3_100 - node.clock.now())
  await node.clock.until(dialReported(node, at(2), await newPeer()))

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
    node.engine.dial(address.encapsulate(`/p2p/${peer.toString()}`), { pipeline: callerOnly }).catch(() => {})
  })
  await node.clock.advance(100)
  const peers = await Promise.all(Array.from({ length: 16 }, newPeer))
  peers.forEach((_, n) => { node.network.script(at(n).toString(), { connects: 100, firstResponse: 50 }) })
  const dials = await node.clock.until(Promise.allSettled(peers.map(async (peer, n) => dialReported(node, at(n), peer))))

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
  node.engine.dial(elsewhere.encapsulate(`/p2p/${busy.toString()}`), { pipeline: callerOnly }).catch(() => {})
  await node.clock.advance(0)
  const connected = dialReported(node, at(0), first)
  await node.clock.advance(900)
  dialReported(node, at(1), second).catch(() => {})
  await node.clock.advance(200)
  // each new attempt checks the attempts that hold the prefix slot
  dialReported(node, at(2), third).catch(() => {})
  await node.clock.until(connected)

  t.is(startsOf(0, node).length, 1)
  node.engine.stop()
})
