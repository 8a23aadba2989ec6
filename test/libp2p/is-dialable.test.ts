import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { dialling, listening } from './kit.ts'

test('isDialable() is false when its signal aborts', async t => {
  const node = await dialling(t, staggered(), { connectionGater: { denyDialMultiaddr: async () => new Promise<boolean>(() => {}) } })
  const controller = new AbortController()
  const answer = node.isDialable(multiaddr('/ip4/127.0.0.1/tcp/4001'), { signal: controller.signal })

  controller.abort()

  t.false(await answer)
})

test('isDialable() is false for the node\'s own addresses', async t => {
  const node = await dialling(t, staggered(), { listen: ['/ip4/127.0.0.1/tcp/0'] })
  const other = await listening(t)

  t.false(await node.isDialable(node.getMultiaddrs()))
  t.true(await node.isDialable(other.getMultiaddrs()))
})
