// order of queued dials
import { unreachablePeer } from '../helpers/address.ts'
import { until } from '../helpers/until.ts'
import { contract, rejection } from './contract.ts'
import { fails, hang, tap } from './tap.ts'
import type { Tap } from './tap.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The first dial holds the only slot until it is released. Later dials fail immediately, in the order in which they start */
function oneAtATime (): Tap {
  let isFirst = true

  return tap(async dial => {
    if (!isFirst) {
      return fails(dial)
    }

    isFirst = false
    return hang(dial)
  })
}

contract('the queued dial with the highest priority starts next, and among equals the oldest', async (t, { node }) => {
  const wire = oneAtATime()
  const dialler = await node({ transports: [wire.transport], connectionManager: { maxParallelDials: 1 } })
  const priorities = [50, 10, 75, 100, 50, 75, 10]
  const peers = await Promise.all(priorities.map(async () => unreachablePeer()))

  const dials = peers.map(async ({ at }, i) => rejection(dialler.dial(at, { priority: priorities[i] } as object)))
  await until(() => wire.dials.length, count => count === 1)
  wire.dials[0]?.fail()
  await Promise.all(dials)

  t.deepEqual(wire.addresses, inOrder(peers, 0, 3, 2, 5, 4, 1, 6))
})

contract('dial() has priority 75, dialProtocol() and openConnection() have 50', async (t, { node }) => {
  const wire = oneAtATime()
  const dialler = await node({ transports: [wire.transport], connectionManager: { maxParallelDials: 1 } })
  const peers = await Promise.all(Array.from({ length: 6 }, async () => unreachablePeer()))
  const [first, stream, opened, between, dialled, late] = peers.map(({ at }) => at) as [Multiaddr, Multiaddr, Multiaddr, Multiaddr, Multiaddr, Multiaddr]

  const dials = [
    dialler.dial(first),
    dialler.dialProtocol(stream, '/test/1.0.0'),
    (dialler as any).components.connectionManager.openConnection(opened),
    dialler.dial(between, { priority: 60 } as object),
    dialler.dial(dialled),
    dialler.dialProtocol(late, '/test/1.0.0')
  ].map(rejection)
  await until(() => wire.dials.length, count => count === 1)
  wire.dials[0]?.fail()
  await Promise.all(dials)

  t.deepEqual(wire.addresses, inOrder(peers, 0, 4, 3, 1, 2, 5))
})

contract('a joining caller with a higher priority raises the queued dial, and one with a lower priority does not (stock: neither, a defect)', async (t, { node, either }) => {
  const wire = oneAtATime()
  const dialler = await node({ transports: [wire.transport], connectionManager: { maxParallelDials: 1 } })
  const peers = await Promise.all(Array.from({ length: 4 }, async () => unreachablePeer()))
  const [first, low, middle, high] = peers.map(({ at }) => at) as [Multiaddr, Multiaddr, Multiaddr, Multiaddr]

  const dials = [[first, 75], [low, 10], [middle, 50], [high, 90], [low, 80], [high, 1]] as const
  const ended = dials.map(async ([at, priority]) => rejection(dialler.dial(at, { priority } as object)))
  await until(() => wire.dials.length, count => count === 1)
  wire.dials[0]?.fail()
  await Promise.all(ended)

  t.deepEqual(wire.addresses, inOrder(peers, ...either({ stock: [0, 3, 2, 1], ours: [0, 3, 1, 2] })))
})

function inOrder (peers: Array<{ at: Multiaddr }>, ...order: number[]): string[] {
  return order.map(i => `${peers[i]?.at}`)
}
