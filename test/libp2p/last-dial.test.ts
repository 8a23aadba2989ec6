import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { refused } from '../helpers/refused.ts'
import { addressesOf, dialling, listening, mute, randomPeer, texts } from './kit.ts'
import type { Libp2p, PeerId } from '@libp2p/interface'

test('last-dial-success and the address are stored before the dial resolves', async t => {
  const [node, remote] = await Promise.all([dialling(t, staggered()), listening(t)])
  const before = Date.now()

  await node.dial(addressesOf(remote)[0].decapsulate('/p2p'))

  t.true((await noted(node, remote.peerId, 'last-dial-success') ?? 0) >= before)
  t.is(await noted(node, remote.peerId, 'last-dial-failure'), undefined)
  t.deepEqual(texts((await node.peerStore.get(remote.peerId)).addresses.map(one => one.multiaddr)), texts(addressesOf(remote).map(one => one.decapsulate('/p2p'))))
})

test('last-dial-failure is stored for a failed dial', async t => {
  const [node, bad, peer] = await Promise.all([dialling(t, staggered()), refused(), randomPeer()])
  const before = Date.now()

  await t.throwsAsync(node.dial(bad.multiaddr.encapsulate(`/p2p/${peer}`)), { message: /ECONNREFUSED/ })

  t.true(await eventually(node, peer, 'last-dial-failure') >= before)
  t.is(await noted(node, peer, 'last-dial-success'), undefined)
})

test('last-dial-failure is not stored for an aborted attempt', async t => {
  const [node, remote, hole, peer] = await Promise.all([dialling(t, staggered()), listening(t), mute(t), randomPeer()])
  const controller = new AbortController()
  const dial = node.dial(hole.multiaddr.encapsulate(`/p2p/${peer}`), { signal: controller.signal })
  controller.abort()
  await t.throwsAsync(dial, { name: 'AbortError' })

  // an attempt that loses against another address is not stored either
  await node.dial([hole.multiaddr.encapsulate(`/p2p/${remote.peerId}`), ...addressesOf(remote, 'ws')])

  t.is(await noted(node, peer, 'last-dial-failure'), undefined)
  t.is(await noted(node, remote.peerId, 'last-dial-failure'), undefined)
  t.truthy(await noted(node, remote.peerId, 'last-dial-success'))
})

test('last-dial-failure is stored for an attempt that timed out', async t => {
  const [node, hole, peer] = await Promise.all([dialling(t, staggered(), { connectionManager: { addressDialTimeout: 20 } }), mute(t), randomPeer()])

  await t.throwsAsync(node.dial(hole.multiaddr.encapsulate(`/p2p/${peer}`)), { name: 'TimeoutError' })

  t.true(await eventually(node, peer, 'last-dial-failure') > 0)
})

async function noted (node: Libp2p, peer: PeerId, key: string): Promise<number | undefined> {
  const value = await node.peerStore.get(peer).then(({ metadata }) => metadata.get(key), () => undefined)

  return value == null ? undefined : Number(new TextDecoder().decode(value))
}

/** Polls, because the dial does not wait until a failure is stored */
async function eventually (node: Libp2p, peer: PeerId, key: string): Promise<number> {
  for (let i = 0; i < 1_000; i++) {
    const time = await noted(node, peer, key)

    if (time != null) {
      return time
    }

    await new Promise(resolve => { setTimeout(resolve, 5) })
  }

  return NaN
}
