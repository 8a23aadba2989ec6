import { poll } from '../helpers/until.ts'
import { fakeMetrics } from './fake-metrics.ts'
import { Gate, listening } from './kit.ts'
import type { Dialer } from '../../src/index.ts'
import type { Libp2p } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

interface Parts {
  dialQueue: unknown
  openConnection: unknown
  upgradeOutbound: unknown
}

/** Returns the parts that attach() replaces */
function parts (node: Libp2p): Parts {
  // `any`: the members that the test reads are not in the public type
  const { connectionManager: { dialQueue, openConnection }, upgrader: { upgradeOutbound } } = (node as any).components

  return { dialQueue, openConnection, upgradeOutbound }
}

/** Returns the parts that are not restored in the end */
export async function changed (node: Libp2p, before: Parts): Promise<string[]> {
  return poll(() => {
    const now = parts(node)

    return Object.keys(before).filter(key => now[key as keyof Parts] !== before[key as keyof Parts])
  }, ({ length }) => length === 0)
}

export function dialled (dialer: Dialer): string[] {
  return dialer.traces().map(({ target }) => `${target.peer}`)
}

export function active (...remotes: Libp2p[]): string[] {
  return remotes.map(({ peerId }) => `active ${peerId}`).toSorted()
}

/** A node with libp2p's own dialer, and other nodes to dial */
export async function nodes (t: ExecutionContext, count: number, options: Parameters<typeof listening>[1] = {}): Promise<{
  node: Libp2p
  remotes: [Libp2p, Libp2p, Libp2p]
  /** Returns gates that hold up dials of these nodes until they open */
  close: <T extends Libp2p[]> (...remotes: T) => { [K in keyof T]: Gate }
  before: Parts
  /** Jobs of libp2p's own dialer and of this one, in no particular order */
  queue: () => string[]
  metric: () => Record<string, number>
}> {
  const gates = new Map<string, Gate>()
  const { metrics, calculate } = fakeMetrics()
  const [node, ...remotes] = await Promise.all([
    listening(t, { listen: [], metrics, connectionGater: { denyOutboundConnection: async peerId => { await gates.get(`${peerId}`)?.pass(); return false } }, ...options }),
    ...Array.from({ length: count }, async () => listening(t))
  ])

  return {
    node,
    remotes: remotes as [Libp2p, Libp2p, Libp2p],
    close: (...remotes) => remotes.map(({ peerId }) => {
      const gate = new Gate()
      gates.set(`${peerId}`, gate)

      return gate
    }) as any,
    before: parts(node),
    queue: () => node.getDialQueue().map(({ status, peerId }) => `${status} ${peerId}`).toSorted(),
    metric: () => calculate('libp2p_dial_queue')
  }
}
