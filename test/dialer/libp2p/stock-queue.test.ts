import test from 'ava'
import { checkSwappable, settingsOf } from '../../../src/dialer/libp2p/stock-queue.ts'
import { createMemoryNode } from '../../helpers/node.ts'
import type { StockQueue, SwappableConnectionManager } from '../../../src/dialer/libp2p/stock-queue.ts'
import type { Upgrader } from '@libp2p/interface'
import type { TransportManager } from '@libp2p/interface-internal'

interface NodeParts {
  connectionManager: SwappableConnectionManager
  upgrader: Upgrader
  transportManager: TransportManager
}

async function freshComponents (): Promise<NodeParts> {
  const { components } = await createMemoryNode({ start: false }) as object as { components: NodeParts }

  return components
}

async function settings (connectionManager?: object) {
  const node = await createMemoryNode({ start: false, connectionManager })

  return settingsOf((node as object as { components: { connectionManager: { dialQueue: StockQueue } } }).components.connectionManager.dialQueue)
}

test('stockSettings() reads the defaults of an unmodified node', async t => {
  const { addressDialTimeout, dialTimeout, maxParallelDials, maxPeerAddrsToDial } = await settings()

  t.deepEqual({ addressDialTimeout, dialTimeout, maxParallelDials, maxPeerAddrsToDial }, { addressDialTimeout: 6_000, dialTimeout: 10_000, maxParallelDials: 300, maxPeerAddrsToDial: 25 })
})

test('maxDialQueueLength is 20,000 when the node does not set it', async t => {
  t.is((await settings()).maxDialQueueLength, 20_000)
})

test('maxParallelDials: 100 and maxDialQueueLength: 500, which are libp2p\'s defaults, count as not set', async t => {
  t.like(await settings({ maxParallelDials: 100, maxDialQueueLength: 500 }), { maxParallelDials: 300, maxDialQueueLength: 20_000 })
  t.like(await settings({ maxParallelDials: 99, maxDialQueueLength: 499 }), { maxParallelDials: 99, maxDialQueueLength: 499 })
})

test('maxParallelDials and maxDialQueueLength of the node are kept', async t => {
  t.is((await settings({ maxParallelDials: 50 })).maxParallelDials, 50)
  t.is((await settings({ maxParallelDials: 101 })).maxParallelDials, 101)
  t.is((await settings({ maxDialQueueLength: 3 })).maxDialQueueLength, 3)
  t.is((await settings({ maxDialQueueLength: Infinity })).maxDialQueueLength, Infinity)
})

test.serial('checkSwappable() throws without Promise.withResolvers(), and names it', async t => {
  const components = await freshComponents()
  const { withResolvers } = Promise
  t.teardown(() => { Promise.withResolvers = withResolvers })

  t.notThrows(() => { checkSwappable(components) })
  Reflect.set(Promise, 'withResolvers', undefined)
  t.throws(() => { checkSwappable(components) }, { name: 'IncompatibleConnectionManagerError', message: /needs Promise\.withResolvers\(\), which Node\.js has from version 22 on/ })
  Promise.withResolvers = withResolvers
})

for (const [owner, method] of [['upgrader', 'upgradeOutbound'], ['upgrader', 'upgradeInbound'], ['transportManager', 'dial'], ['connectionManager', 'openConnection']] as const) {
  test(`checkSwappable() names ${owner}.${method} when the node has none`, async t => {
    const components = await freshComponents()
    Reflect.set(components[owner], method, undefined)

    t.throws(() => { checkSwappable(components) }, { name: 'IncompatibleConnectionManagerError', message: new RegExp(`Not as expected: ${owner}\\.${method}$`) })
  })
}

for (const [path, find] of Object.entries<(components: NodeParts) => object>({
  connectionManager: ({ connectionManager }) => connectionManager,
  'connectionManager.dialQueue': ({ connectionManager }) => connectionManager.dialQueue,
  upgrader: ({ upgrader }) => upgrader
})) {
  test(`checkSwappable() refuses a frozen ${path}, and names it`, async t => {
    const components = await freshComponents()
    Object.freeze(find(components))

    t.throws(() => { checkSwappable(components) }, { name: 'IncompatibleConnectionManagerError', message: new RegExp(`frozen or sealed ${path.replace('.', '\\.')}, whose`) })
  })
}
