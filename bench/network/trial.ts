import { multiaddr } from '@multiformats/multiaddr'
import { bestOf } from './scenarios.ts'
import type { DiallingNode } from './dialling-node.ts'
import type { Truth } from './scenarios.ts'
import type { Strategy } from './strategies.ts'
import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** A peer: its addresses for the dialers, and their actual behaviour */
export interface Peer {
  readonly id: string
  readonly addresses: readonly string[]
  readonly truths: readonly Truth[]
}

export interface Trial {
  /** Milliseconds from the call to the connection, or to the error */
  readonly ms: number
  readonly error?: Error
  /** The dialled addresses, in the order of their starts */
  readonly attempts: readonly string[]
}

/** libp2p's default timeout of a dial, in milliseconds */
const DIAL_TIMEOUT = 10_000

/** Dials a peer once, and closes the connection */
export async function trial (node: DiallingNode, { dials }: Strategy, { id, addresses, truths }: Peer): Promise<Trial> {
  const targets = (dials === 'the best' ? addresses.slice(bestOf(truths)).slice(0, 1) : addresses).map(address => multiaddr(address))
  const timeout = new AbortController()
  const timer = setTimeout(() => { timeout.abort() }, DIAL_TIMEOUT)
  const begun = performance.now()

  try {
    const connection = await (dialBy(node, dials, targets, timeout.signal))
    const ms = performance.now() - begun
    await connection.close()

    return { ms, attempts: node.takeAttempts(id) }
  } catch (error) {
    return { ms: performance.now() - begun, error: error as Error, attempts: node.takeAttempts(id) }
  } finally {
    clearTimeout(timer)
  }
}

export async function dialBy (node: DiallingNode, dials: Strategy['dials'], targets: readonly Multiaddr[], signal: AbortSignal): Promise<Connection> {
  const delay = dials === 'all at once' ? 0 : dials === 'every 250 ms' ? 250 : undefined

  return delay == null ? node.dial(targets, signal) : node.dialBarely(targets, delay, signal)
}
