import { anySignal } from 'any-signal'
import parallel from 'it-parallel'
import pRetry from 'p-retry'
import { interleave, SPREAD_BY } from '../address/bootstrap-list.ts'
import { doubledDelay, sleep } from '../pipeline/clock.ts'
import { oneOf, POSITIVE_LIMIT, SIGNAL } from '../pipeline/option-kinds.ts'
import { within } from '../pipeline/time-limit.ts'
import type { BootstrapPeer, SpreadBy } from '../address/bootstrap-list.ts'
import type { OptionKinds } from '../pipeline/check-options.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { AbortOptions, Connection, Logger } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'

/** Milliseconds from a round without a connection to the next one. Doubles each round up to `LONGEST_DELAY`, with 20 % random jitter */
const DELAY = 1_000
const LONGEST_DELAY = 60_000
const JITTER = 0.2

export interface BootstrapInit {
  /**
   * The property by which `bootstrap()` groups the peers, to dial the groups in turn. `operator` is the registered part of their names, `prefix` is
   * the /16 or /32 of their IP addresses
   *
   * @default 'operator'
   */
  spreadBy?: SpreadBy | undefined
  /**
   * Maximum number of dials in flight
   *
   * @default 3
   */
  concurrency?: number | undefined
  /**
   * Number of connections at which `bootstrap()` stops dialling. If fewer peers answer, it returns the connections that it has, at least one
   *
   * @default 4
   */
  minConnections?: number | undefined
  /** Ends the call, which rejects with the reason of the signal */
  signal?: AbortSignal | undefined
}

export const BOOTSTRAP_OPTIONS: OptionKinds<BootstrapInit> = { spreadBy: oneOf(...SPREAD_BY), concurrency: POSITIVE_LIMIT, minConnections: POSITIVE_LIMIT, signal: SIGNAL }

/** The parts of a node that a bootstrap uses */
export interface BootstrapHost {
  readonly connectionManager: ConnectionManager
  readonly clock: Clock
  readonly log: Logger
  /** Milliseconds after which a peer that does not answer is given up */
  readonly dialTimeout: number
}

class NoConnection extends Error {}

export async function bootstrap (peers: readonly BootstrapPeer[], { spreadBy = 'operator', concurrency = 3, minConnections = 4, signal }: BootstrapInit & Required<AbortOptions>, { connectionManager, clock, log, dialTimeout }: BootstrapHost): Promise<Connection[]> {
  const connectionTo = ({ peerId }: BootstrapPeer): Connection | undefined => connectionManager.getConnections(peerId).find(({ status }) => status === 'open')

  async function dial ({ multiaddrs }: BootstrapPeer, ended: AbortSignal): Promise<Connection | undefined> {
    try {
      return await within(dialTimeout, clock, `No connection after ${dialTimeout} ms`, [ended], async signal => connectionManager.openConnection(multiaddrs, { signal }))
    } catch {
      // the trace of the dial has the error
    }
  }

  async function round (): Promise<Connection[]> {
    signal.throwIfAborted()
    const connections = peers.flatMap(peer => connectionTo(peer) ?? [])
    const rest = interleave(shuffled(peers.filter(peer => connectionTo(peer) == null)), ({ multiaddrs }) => multiaddrs, spreadBy)
    const ended = new AbortController()
    const either = anySignal([signal, ended.signal])

    try {
      if (connections.length < minConnections) {
        for await (const connection of parallel(rest.map(peer => async () => dial(peer, either)), { concurrency })) {
          signal.throwIfAborted()

          if (connection != null && connections.push(connection) >= minConnections) {
            break
          }
        }
      }
    } finally {
      ended.abort()
      either.clear()
    }

    if (connections.length === 0) {
      throw new NoConnection()
    }

    return connections
  }

  try {
    return await pRetry(round, {
      retries: Infinity,
      // `onFailedAttempt` waits instead: p-retry cannot wait on the dialer's clock
      minTimeout: 0,
      shouldRetry: ({ error }) => error instanceof NoConnection,
      onFailedAttempt: async ({ error, attemptNumber }) => {
        if (error instanceof NoConnection) {
          const delay = Math.min(doubledDelay(DELAY, attemptNumber - 1), LONGEST_DELAY) * (1 - JITTER + 2 * JITTER * Math.random())
          log.error('bootstrap() connected to none of %d peers, and tries them again after %d ms. explain() of a peer says why', peers.length, Math.round(delay))
          await sleep(delay, clock, signal)
        }
      }
    })
  } catch (err) {
    signal.throwIfAborted()
    throw err
  }
}

/** Shuffles the peers: nodes that start together would otherwise all dial the same peer first */
function shuffled<T> (items: readonly T[]): T[] {
  return items
    .map(item => ({ item, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
