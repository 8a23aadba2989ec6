import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, dialling, listening, mute } from './kit.ts'
import type { Libp2p } from '@libp2p/interface'

/** Returns the keys of the metadata that the node stores from now on */
function storedKeys ({ peerStore }: Libp2p): string[] {
  const keys: string[] = []
  const merge = peerStore.merge.bind(peerStore)
  peerStore.merge = async (peer, data, options) => {
    keys.push(...Object.keys(data.metadata ?? {}))

    return merge(peer, data, options)
  }

  return keys
}

test('last-dial-failure is not stored for an attempt that loses against another address', async t => {
  const [node, remote, hole] = await Promise.all([dialling(t, staggered()), listening(t), mute(t)])
  const keys = storedKeys(node)
  await node.dial([hole.multiaddr.encapsulate(`/p2p/${remote.peerId}`), ...addressesOf(remote, 'ws')])
  t.is(hole.accepted, 1)
  await until(() => hole.open, open => open === 0)

  t.deepEqual(keys, ['last-dial-success'])
})

test('last-dial-failure is stored for an attempt that timed out', async t => {
  const [node, hole, peer] = await Promise.all([dialling(t, staggered(), { connectionManager: { addressDialTimeout: 20 } }), mute(t), newPeer()])
  const keys = storedKeys(node)
  await t.throwsAsync(node.dial(hole.multiaddr.encapsulate(`/p2p/${peer}`)), { name: 'TimeoutError' })

  t.deepEqual(await until(() => keys, ({ length }) => length === 1), ['last-dial-failure'])
})
