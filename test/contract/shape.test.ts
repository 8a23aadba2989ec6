// the interface that the rest of libp2p depends on
import { multiaddr } from '@multiformats/multiaddr'
import { address, unreachablePeer } from '../helpers/address.ts'
import { until } from '../helpers/until.ts'
import { fakeMetrics } from '../libp2p/fake-metrics.ts'
import { texts } from '../libp2p/kit.ts'
import { contract, rejection } from './contract.ts'
import { hang, tap } from './tap.ts'
import type { Tap } from './tap.ts'
import type { Libp2p } from '@libp2p/interface'

contract('the connection manager\'s dialQueue has dial, isDialable, start, stop and an empty queue of jobs', async (t, { node }) => {
  const { dialQueue } = managerOf(await node())

  t.deepEqual(['dial', 'isDialable', 'start', 'stop'].map(name => typeof dialQueue[name]), Array.from({ length: 4 }, () => 'function'))
  t.deepEqual(dialQueue.queue.queue, [])
})

contract('a job has an id, a status, the peer id and its addresses as strings', async (t, { node }) => {
  const { wire, dialler, peers, end } = await busy(node)
  const { queue } = managerOf(dialler).dialQueue.queue

  t.deepEqual(queue.map(({ status, options }: any) => [status, `${options.peerId}`]), [['running', `${peers[0]?.peer}`], ['queued', `${peers[1]?.peer}`]])
  t.is(new Set(queue.map(({ id }: any) => id)).size, 2)

  for (const { id, options } of queue) {
    t.is(typeof id, 'string')
    t.true([...options.multiaddrs].every(one => typeof one === 'string' && multiaddr(one) != null))
  }

  await end()
  t.is(wire.dials.length, 2)
})

contract('getDialQueue() lists running and queued dials with their addresses, and nothing afterwards', async (t, { node }) => {
  const { dialler, peers, end } = await busy(node)

  const pending = dialler.getDialQueue()
  t.deepEqual(pending.map(({ status, peerId }) => [status, `${peerId}`]), [['active', `${peers[0]?.peer}`], ['queued', `${peers[1]?.peer}`]])
  t.deepEqual(texts(pending[1]?.multiaddrs ?? []), [`${peers[1]?.at}`])

  await end()
  t.deepEqual(await until(() => dialler.getDialQueue(), ({ length }) => length === 0), [])
})

contract('getDialQueue() lists the addresses of a running dial (stock: none, a defect)', async (t, { node, either }) => {
  const { dialler, peers, end } = await busy(node)

  t.deepEqual(texts(dialler.getDialQueue()[0]?.multiaddrs ?? []), either({ stock: [], ours: [`${peers[0]?.at}`] }))
  await end()
})

contract('getDialQueue() lists a dial without a peer id', async (t, { node }) => {
  const wire = tap(hang)
  const dialler = await node({ transports: [wire.transport] })
  const dial = rejection(dialler.dial(address(1)))

  t.deepEqual(dialler.getDialQueue().map(({ peerId }) => peerId), [undefined])
  await until(() => wire.dials.length, count => count === 1)
  wire.dials[0]?.fail()
  await dial
})

contract('the metric libp2p_dial_queue counts running and queued dials', async (t, { node }) => {
  const { metrics, calculate } = fakeMetrics()
  const { end } = await busy(node, { metrics })

  t.deepEqual(calculate('libp2p_dial_queue'), { size: 2, running: 1, queued: 1 })
  await end()
  t.deepEqual(await until(() => calculate('libp2p_dial_queue'), ({ size }) => size === 0), { size: 0, running: 0, queued: 0 })
})

contract('the settings of the connection manager are readable on its dialQueue', async (t, { node }) => {
  const settings = { addressSorter: () => 0 as const, maxPeerAddrsToDial: 3, maxDialQueueLength: 4, dialTimeout: 5, addressDialTimeout: 6, resolvers: {} }
  const { dialQueue } = managerOf(await node({ connectionManager: { ...settings, maxParallelDials: 7 } }))

  t.like(dialQueue, settings)
  t.is(dialQueue.queue.concurrency, 7)
})

function managerOf (node: Libp2p): any {
  return (node as any).components.connectionManager
}

interface Busy {
  wire: Tap
  dialler: Libp2p
  peers: Array<Awaited<ReturnType<typeof unreachablePeer>>>
  end (): Promise<void>
}

/** Starts a dial, and another that waits */
async function busy (node: (options: any) => Promise<Libp2p>, options: object = {}): Promise<Busy> {
  const wire = tap(hang)
  const [dialler, ...peers] = await Promise.all([node({ transports: [wire.transport], connectionManager: { maxParallelDials: 1 }, ...options }), unreachablePeer(1), unreachablePeer(2)])
  const dials = peers.map(async ({ at }) => rejection(dialler.dial(at)))
  await until(() => wire.dials.length, count => count === 1)

  return {
    wire,
    dialler,
    peers,
    end: async () => {
      wire.dials[0]?.fail()
      await until(() => wire.dials.length, count => count === 2)
      wire.dials[1]?.fail()
      await Promise.all(dials)
    }
  }
}
