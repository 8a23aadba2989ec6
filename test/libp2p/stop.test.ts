import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { addressesOf, dialling, leadsTo, listening, mute, randomPeer } from './kit.ts'

test('a stop ends the dials that run and those that wait, whatever their signals', async t => {
  const [node, hole, ...peers] = await Promise.all([
    dialling(t, staggered(), { connectionManager: { maxParallelDials: 1, dialTimeout: 600_000 } }),
    mute(t),
    randomPeer(),
    randomPeer(),
    randomPeer()
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

test('after a stop nothing is dialled, and after a start everything is again', async t => {
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

test('before the first start a dial is refused as the stock dialer does', async t => {
  const [node, remote] = await Promise.all([dialling(t, staggered(), { start: false }), listening(t)])

  await t.throwsAsync(node.dial(addressesOf(remote)), { name: 'NotStartedError' })
  t.deepEqual(node.services.dialer.traces(), [])
})

test('a dial that waited when the node stopped has not been started', async t => {
  const [node, hole, remote] = await Promise.all([dialling(t, staggered(), { connectionManager: { maxParallelDials: 1 } }), mute(t), listening(t)])
  const dials = Promise.allSettled([node.dial(hole.multiaddr), node.dial(addressesOf(remote))])

  await node.stop()

  t.deepEqual((await dials).map(({ status }) => status), ['rejected', 'rejected'])
  t.deepEqual(node.services.dialer.traces(remote.peerId), [])
})
