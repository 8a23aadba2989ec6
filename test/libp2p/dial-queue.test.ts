import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { filter } from '../../src/stages/index.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, dialling, Gate, leadsTo, listening, mute, texts } from './kit.ts'
import type { Libp2p } from '@libp2p/interface'

/** An address with a name that contains a slash, as its bytes may have it. Its text is another address, with a protocol `b` */
const WITH_SLASH = multiaddr(Uint8Array.from([0x36, 3, 0x61, 0x2f, 0x62, 6, 0x10, 0]))

const views = (node: Libp2p): unknown[] => node.getDialQueue().map(({ status, peerId, multiaddrs }) => ({ status, peerId: peerId?.toString(), multiaddrs: texts(multiaddrs) }))

test('getDialQueue() lists running dials with addresses and queued ones, and nothing afterwards', async t => {
  const [node, hole, first, second] = await Promise.all([
    dialling(t, staggered(), { connectionManager: { maxParallelDials: 1 } }),
    mute(t),
    newPeer(),
    newPeer()
  ])
  const [a, b] = [first, second].map(peer => hole.multiaddr.encapsulate(`/p2p/${peer}`)) as [typeof hole.multiaddr, typeof hole.multiaddr]
  const controllers = [new AbortController(), new AbortController()] as const

  t.deepEqual(node.getDialQueue(), [])

  const dials = [node.dial(a, { signal: controllers[0].signal }), node.dial(b, { signal: controllers[1].signal })] as const
  const outcomes = Promise.allSettled(dials)

  t.deepEqual(views(node), [
    { status: 'active', peerId: `${first}`, multiaddrs: [`${a}`] },
    { status: 'queued', peerId: `${second}`, multiaddrs: [`${b}`] }
  ])
  t.is(new Set(node.getDialQueue().map(({ id }) => id)).size, 2)

  controllers[0].abort()
  await t.throwsAsync(dials[0], { name: 'AbortError' })

  t.deepEqual(views(node), [{ status: 'active', peerId: `${second}`, multiaddrs: [`${b}`] }])

  controllers[1].abort()
  await outcomes

  t.deepEqual(node.getDialQueue(), [])
})

test('getDialQueue() lists addresses that a dial by peer id found', async t => {
  const gate = new Gate()
  const remote = await listening(t)
  const node = await dialling(t, staggered(), { connectionGater: { denyOutboundConnection: async () => { await gate.pass(); return false } } })
  await node.peerStore.merge(remote.peerId, { multiaddrs: addressesOf(remote) })

  const dial = node.dial(remote.peerId)
  await gate.arrival

  t.deepEqual(views(node), [{ status: 'active', peerId: `${remote.peerId}`, multiaddrs: texts(addressesOf(remote)) }])

  gate.open()
  leadsTo(t, await dial, remote)
  t.deepEqual(node.getDialQueue(), [])
})

test('getDialQueue() omits addresses that multiaddr() does not parse', async t => {
  const [node, hole, peer] = await Promise.all([dialling(t, staggered().before('resolve', filter('no-names', ({ facts }) => facts.network !== 'name'))), mute(t), newPeer()])
  const controller = new AbortController()
  await node.peerStore.merge(peer, { multiaddrs: [hole.multiaddr, WITH_SLASH, multiaddr(`/dns4/${'a'.repeat(1_100)}/tcp/1`)] })

  const dial = node.dial(peer, { signal: controller.signal })
  await until(() => hole.accepted, accepted => accepted === 1)

  t.is(node.services.dialer.traces(peer)[0]?.candidates.length, 3)
  t.deepEqual(views(node), [{ status: 'active', peerId: `${peer}`, multiaddrs: [`${hole.multiaddr.encapsulate(`/p2p/${peer}`)}`] }])

  controller.abort()
  await t.throwsAsync(dial)
})

test('getDialQueue() lists the address that a joining caller adds', async t => {
  const [node, hole, other, peer] = await Promise.all([dialling(t, staggered()), mute(t), mute(t), newPeer()])
  const controller = new AbortController()
  const [a, b] = [hole, other].map(({ multiaddr }) => multiaddr.encapsulate(`/p2p/${peer}`)) as [typeof hole.multiaddr, typeof hole.multiaddr]

  const dials = Promise.allSettled([a, b].map(async address => node.dial(address, { signal: controller.signal })))

  t.deepEqual(views(node), [{ status: 'active', peerId: `${peer}`, multiaddrs: [`${a}`, `${b}`] }])

  controller.abort()
  await dials
  t.deepEqual(node.getDialQueue(), [])
})

test('getDialQueue() lists a dial without a peer id', async t => {
  const [node, hole] = await Promise.all([dialling(t, staggered()), mute(t)])
  const controller = new AbortController()
  const dial = node.dial(hole.multiaddr, { signal: controller.signal })

  t.deepEqual(views(node), [{ status: 'active', peerId: undefined, multiaddrs: [`${hole.multiaddr}`] }])

  controller.abort()
  await t.throwsAsync(dial, { name: 'AbortError' })
})
