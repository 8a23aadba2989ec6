import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { addressesOf, dialling, leadsTo, listening, mute } from './kit.ts'

test('stop() ends running and queued dials, whatever their signals', async t => {
  const [node, hole, ...peers] = await Promise.all([
    dialling(t, staggered(), { connectionManager: { maxParallelDials: 1, dialTimeout: 600_000 } }),
    mute(t),
    newPeer(),
    newPeer(),
    newPeer()
  ])
  const { signal } = new AbortController()
  const settled: string[] = []

  const dials = peers.map(async (peer, i) => {
    await t.throwsAsync(node.dial(hole.multiaddr.encapsulate(`/p2p/${peer}`), i === 1 ? { signal } : {}), { name: 'AbortError' })
    settled.push(peer.toString())
  })
  t.deepEqual(node.getDialQueue().map(({ status }) => status), ['active', 'queued', 'queued'])

  await node.stop()

  t.deepEqual(settled, peers.map(String))
  t.deepEqual(node.getDialQueue(), [])
  await Promise.all(dials)
})

test('after stop() nothing is dialled, and after start() dials work again', async t => {
  const [node, remote] = await Promise.all([dialling(t, staggered()), listening(t)])
  const first = await node.dial(addressesOf(remote))

  for (const round of [1, 2]) {
    await node.stop()

    t.not(first.status, 'open')
    await t.throwsAsync(node.dial(addressesOf(remote)), { name: 'AbortError' })
    await t.throwsAsync(node.dialProtocol(remote.peerId, '/test/1.0.0'), { name: 'AbortError' })
    t.deepEqual(node.getConnections(), [])
    t.deepEqual(node.getDialQueue(), [])

    await node.start()

    leadsTo(t, await node.dial(addressesOf(remote)), remote)
    t.is(node.services.dialer.traces(remote.peerId).length, round + 1)
  }
})

test('a dial queued at stop() is never started', async t => {
  const [node, hole, remote] = await Promise.all([dialling(t, staggered(), { connectionManager: { maxParallelDials: 1 } }), mute(t), listening(t)])
  const dials = Promise.allSettled([node.dial(hole.multiaddr), node.dial(addressesOf(remote))])

  await node.stop()

  t.deepEqual((await dials).map(({ status }) => status), ['rejected', 'rejected'])
  t.deepEqual(node.services.dialer.traces(remote.peerId), [])
})
