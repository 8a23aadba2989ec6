import { Key } from 'interface-datastore/key'
import { MemoryDatastore } from 'datastore-core'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { node } from './kit.ts'
import type { PeerId } from '@libp2p/interface'
import type { Node, NodeInit } from './kit.ts'

export const keyOf = (peer: PeerId): Key => new Key(`/dial-pipeline/addresses/${peer.toCID().toString()}`)

/** Returns a restarted node, not started yet. `live` runs in the node before the restart */
export async function restarted (live: (first: Node) => unknown, init: NodeInit = {}): Promise<Node & { datastore: MemoryDatastore }> {
  const datastore = new MemoryDatastore()
  const first = node({ datastore, clock: new VirtualClock(1e12) })
  await first.book.start()
  await live(first)
  await first.book.stop()

  return { ...node({ datastore, clock: first.clock, ...init }), datastore }
}
