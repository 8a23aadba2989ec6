import { staggered } from '../../presets/index.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { until } from '../helpers/until.ts'
import { dialling, mute } from './kit.ts'
import type { Dialer } from '../../src/index.ts'
import type { Libp2p } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

// `any`: the members that the test reads are not in the public type
export const queueOf = (node: Libp2p): any => (node as any).components.connectionManager.dialQueue.queue

/** A node with a dial that gets no answer */
export async function busy (t: ExecutionContext, connectionManager = {}): Promise<{ node: Libp2p<{ dialer: Dialer }>, queue: any, dial: Promise<unknown> }> {
  const [node, hole, peer] = await Promise.all([dialling(t, staggered(), { connectionManager }), mute(t), newPeer()])
  const dial = node.dial(hole.multiaddr.encapsulate(`/p2p/${peer}`)).then(() => 'connected', err => err)
  await until(() => hole.accepted, accepted => accepted === 1)

  return { node, queue: queueOf(node), dial }
}
