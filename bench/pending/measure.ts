// Measures one dialer with many pending dials, in a process of its own, so that two dialers do not share garbage.
// pending.ts starts it; by hand: node --expose-gc bench/pending/measure.ts 'staggered()' 20000
import { setImmediate as nextTurn } from 'node:timers/promises'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { summarise } from '../statistics.ts'
import { peerOf } from '../targets.ts'
import { pipelineOf } from './dialers.ts'
import { flatten, flattenedSum, liveBytes } from './heap.ts'
import { ManyDials } from './many-dials.ts'
import { hangingNode, RUNNING } from './node.ts'
import type { HangingNode } from './node.ts'
import type { DialTarget } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The figures of one dialer. Times are in milliseconds */
export interface Measured {
  enqueue: number
  /** Bytes of heap for each waiting dial */
  heap: number
  /** Bytes of heap for each waiting dial whose caller has a signal */
  heapWithSignal: number
  /** The times of joins by kind of target: to the first, the middle and the last dial */
  joins: Record<string, number[]>
  serve: number
  stop: number
  /** The number of dials that were rejected when the node had stopped */
  rejected: number
}

const ADDRESSES = 8
/** Unmeasured dials, until the code is optimised */
const WARM_UP = 1_000
/** The number of joins of each kind, and the milliseconds after which no further join is measured */
const JOINS = 300
const JOINING_TIME = 100

const KINDS: Record<string, (addresses: readonly Multiaddr[]) => DialTarget> = {
  'a peer id': ([address]) => peerIdFromString(peerOf(address as Multiaddr)?.toString() ?? ''),
  '1 address': ([address]) => copyOf(address as Multiaddr),
  '8 addresses': addresses => addresses.map(copyOf)
}

const [dialer = '', size = ''] = process.argv.slice(2)
await measure(dialer, WARM_UP)
console.log(JSON.stringify({ ...await measure(dialer, Number(size)), flattened: flattenedSum() }))

async function measure (dialer: string, size: number): Promise<Measured> {
  const node = await hangingNode(pipelineOf(dialer))
  const running = new ManyDials({ count: RUNNING, addresses: 1 })
  await running.enqueue(node)
  const pending = new ManyDials({ count: size, addresses: ADDRESSES })
  const before = await liveBytes()
  const enqueue = await milliseconds(async () => pending.enqueue(node))
  const after = await liveBytes()
  const joins = Object.fromEntries(Object.entries(KINDS).map(([name, kind]) => [
    name,
    [0, Math.floor(size / 2), size - 1].map(position => joining(node, pending.targets[position] as Multiaddr[], kind))
  ]))
  const serve = await milliseconds(async () => {
    node.answer()
    await Promise.all([running.settled(), pending.settled()])
  })
  await node.stop()

  return { enqueue, heap: (after - before) / size, heapWithSignal: await heapWithSignal(dialer, Math.min(size, WARM_UP)), joins, serve, ...await stopping(dialer, size) }
}

async function heapWithSignal (dialer: string, size: number): Promise<number> {
  const node = await hangingNode(pipelineOf(dialer))
  const running = new ManyDials({ count: RUNNING, addresses: 1 })
  await running.enqueue(node)
  const pending = new ManyDials({ count: size, addresses: ADDRESSES, hasSignals: true })
  const before = await liveBytes()
  await pending.enqueue(node)
  const heap = (await liveBytes() - before) / size
  node.answer()
  await Promise.all([running.settled(), pending.settled()])
  await node.stop()

  return heap
}

async function stopping (dialer: string, size: number): Promise<{ stop: number, rejected: number }> {
  const node = await hangingNode(pipelineOf(dialer))
  const running = new ManyDials({ count: RUNNING, addresses: 1 })
  const pending = new ManyDials({ count: size, addresses: ADDRESSES })
  await running.enqueue(node)
  await pending.enqueue(node)
  void running.settled()
  void pending.settled()
  const stop = await milliseconds(async () => node.stop())
  await nextTurn()

  return { stop, rejected: pending.rejected }
}

/** Returns the median time of a single join, in milliseconds */
function joining (node: HangingNode, addresses: readonly Multiaddr[], kind: (addresses: readonly Multiaddr[]) => DialTarget): number {
  const joiners = Array.from({ length: JOINS }, () => kind(addresses))
  const times: number[] = []
  const until = performance.now() + JOINING_TIME

  for (const joiner of joiners) {
    const begun = performance.now()
    node.dial(joiner).catch(() => {})
    times.push(performance.now() - begun)

    if (performance.now() > until) {
      break
    }
  }

  return summarise(times).median
}

function copyOf (address: Multiaddr): Multiaddr {
  const copy = multiaddr(address.toString())
  flatten(copy)

  return copy
}

async function milliseconds (fn: () => Promise<void>): Promise<number> {
  await nextTurn()
  const begun = performance.now()
  await fn()

  return performance.now() - begun
}
