import test from 'ava'
import { settingsOf } from '../../../src/dialer/libp2p/stock-queue.ts'
import { createMemoryNode } from '../../helpers/node.ts'
import type { StockQueue } from '../../../src/dialer/libp2p/stock-queue.ts'

async function settings (connectionManager?: object) {
  const node = await createMemoryNode({ start: false, connectionManager })

  return settingsOf((node as object as { components: { connectionManager: { dialQueue: StockQueue } } }).components.connectionManager.dialQueue)
}

test('the settings of an unmodified node', async t => {
  const { addressDialTimeout, dialTimeout, maxParallelDials, maxPeerAddrsToDial } = await settings()

  t.deepEqual({ addressDialTimeout, dialTimeout, maxParallelDials, maxPeerAddrsToDial }, { addressDialTimeout: 6_000, dialTimeout: 10_000, maxParallelDials: 300, maxPeerAddrsToDial: 25 })
})

test('where nothing was said of how many dials may wait, many may', async t => {
  t.is((await settings()).maxDialQueueLength, 20_000)
})

test('what was said holds', async t => {
  t.is((await settings({ maxParallelDials: 50 })).maxParallelDials, 50)
  t.is((await settings({ maxParallelDials: 101 })).maxParallelDials, 101)
  t.is((await settings({ maxDialQueueLength: 3 })).maxDialQueueLength, 3)
  t.is((await settings({ maxDialQueueLength: Infinity })).maxDialQueueLength, Infinity)
})
