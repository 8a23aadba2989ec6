import { KEEP_ALIVE } from '@libp2p/interface'
import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { until } from '../helpers/open-handles.ts'
import { addressesOf, attempted, dialling, leadsTo, listening } from './kit.ts'

const KEPT = { tags: { [`${KEEP_ALIVE}-test`]: {} } }

test('a keep-alive peer is dialled again through the pipeline after it disconnects', async t => {
  const [node, remote] = await Promise.all([dialling(t, staggered()), listening(t)])
  await node.peerStore.merge(remote.peerId, KEPT)
  const first = await node.dial(addressesOf(remote))

  await until(() => remote.getConnections(node.peerId).length, count => count === 1)
  await remote.getConnections(node.peerId)[0]?.close()

  const [second] = await until(() => node.getConnections(remote.peerId), ([connection]) => connection != null && connection !== first)

  t.truthy(second)
  t.not(second, first)
  t.not(first.status, 'open')
  leadsTo(t, second as typeof first, remote)
  t.deepEqual(node.services.dialer.traces(remote.peerId).map(attempted), [
    [[`${addressesOf(remote)[0]}`, 'connected']],
    [[`${addressesOf(remote)[0]}`, 'connected']]
  ])
})

test('a keep-alive peer is dialled through the pipeline when the node starts', async t => {
  const [node, remote] = await Promise.all([dialling(t, staggered(), { start: false }), listening(t)])
  await node.peerStore.merge(remote.peerId, { ...KEPT, multiaddrs: addressesOf(remote) })

  await node.start()
  const [connection] = await until(() => node.getConnections(remote.peerId), ({ length }) => length === 1)

  t.truthy(connection)
  t.is(node.services.dialer.traces(remote.peerId).length, 1)
})

test('a peer without the keep-alive tag is not dialled again', async t => {
  const [node, kept, other] = await Promise.all([dialling(t, staggered()), listening(t), listening(t)])
  await node.peerStore.merge(kept.peerId, KEPT)
  const connections = await Promise.all([kept, other].map(async remote => node.dial(addressesOf(remote))))

  await Promise.all(connections.map(async connection => connection.close()))
  await until(() => node.getConnections(kept.peerId), ({ length }) => length === 1)

  t.is(node.services.dialer.traces(kept.peerId).length, 2)
  t.is(node.services.dialer.traces(other.peerId).length, 1)
})
