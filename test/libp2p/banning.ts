import { staggered } from '../../presets/index.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { poll, until } from '../helpers/until.ts'
import { addressesOf, dialling, listening } from './kit.ts'
import type { Dialer, DialPipeline } from '../../src/index.ts'
import type { DialerNodeOptions } from './kit.ts'
import type { Libp2p } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

export const HOUR = 3_600_000
export const LOOPBACK = ['/ip4/127.0.0.1/tcp/0']

/** A listening node that bans, a peer of it, and another node */
export async function scene (t: ExecutionContext, make: () => DialPipeline = staggered, options: DialerNodeOptions = {}): Promise<{ node: Libp2p<{ dialer: Dialer }>, dialer: Dialer, peer: Libp2p, other: Libp2p, clock: VirtualClock }> {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1))
  const [node, peer, other] = await Promise.all([
    dialling(t, make(), { listen: LOOPBACK, ...options, dialerInit: { clock, ...options.dialerInit } }),
    listening(t, { listen: LOOPBACK }),
    listening(t, { listen: LOOPBACK })
  ])

  return { node, dialer: node.services.dialer, peer, other, clock }
}

export async function isClosed (node: Libp2p, remote: Libp2p): Promise<boolean> {
  return (await poll(() => node.getConnections(remote.peerId).length, count => count === 0)) === 0
}

/** Returns whether a node accepts the other. It denies after the handshake, when the dial may already have resolved */
export async function isLetIn (from: Libp2p, to: Libp2p): Promise<boolean> {
  try {
    const connection = await from.dial(addressesOf(to))
    await until(() => connection.status !== 'open' || to.getConnections(from.peerId).length > 0, done => done)

    return to.getConnections(from.peerId).length > 0
  } catch {
    return false
  } finally {
    await Promise.all(from.getConnections(to.peerId).map(async connection => connection.close()))
    await isClosed(to, from)
  }
}
