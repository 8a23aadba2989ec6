import { simulate, simulatedNetwork } from '../../src/testing/index.ts'
import type { SimulatedDialer } from './dialers.ts'
import type { Family } from './families.ts'

/** The result of one dial of a peer that can be reached */
export interface Outcome {
  /** Milliseconds until the connection. A failed dial counts at least as long as libp2p's dial timeout */
  readonly time: number
  /** Milliseconds that a dial of the best address alone takes */
  readonly limit: number
  readonly attempts: number
  /** The number of addresses of the peer */
  readonly addresses: number
  readonly connected: boolean
  /** Whether the first dialled address connected */
  readonly isFirst: boolean
  /** Whether the connection is relayed */
  readonly isRelayed: boolean
}

export interface Measurement {
  readonly reached: readonly Outcome[]
  /** The dials of peers that no dialer can reach: milliseconds until the error, and attempts */
  readonly unreachable: ReadonlyArray<Pick<Outcome, 'time' | 'attempts'>>
}

/** libp2p's default timeouts for a dial and for an address, in milliseconds */
const DIAL_TIMEOUT = 10_000
const ADDRESS_TIMEOUT = 6_000

export interface MeasureInit {
  readonly family: Family
  readonly dialer: SimulatedDialer
  readonly peers: number
  /** The number of the first peer */
  readonly first?: number
  readonly seed: number
  /** Called after each peer, with the number of finished peers */
  readonly onProgress?: (done: number) => void
}

/** Dials peers of a family with one dialer. Every dialer dials the same peers */
export async function measure ({ family, dialer, peers, first = 0, seed, onProgress = () => {} }: MeasureInit): Promise<Measurement> {
  const network = simulatedNetwork({ ...family.network, seed })
  const reached: Outcome[] = []
  const unreachable: Array<Pick<Outcome, 'time' | 'attempts'>> = []
  const { pipeline, computed, knows, usesBelief } = dialer

  if (pipeline == null) {
    for (let n = first; n < first + peers; n++) {
      const { limit, addresses } = network.peer(n, 1)
      const attempts = computed === 'all' ? addresses.length : 1
      add({ time: Math.min(limit, DIAL_TIMEOUT), limit, attempts, addresses: addresses.length, connected: limit < ADDRESS_TIMEOUT, isFirst: true, isRelayed: false })
      onProgress(n - first + 1)
    }

    return { reached, unreachable }
  }

  let done = 0

  for await (const dial of simulate(pipeline, { network, peers, first, knows, belief: usesBelief === true ? family.belief : undefined, seed, options: { runOnLimitedConnection: true } })) {
    const { peer: { limit, addresses }, connected, time, winner, attempts } = dial
    add({
      time: connected ? time : Math.max(time, DIAL_TIMEOUT),
      limit,
      attempts: attempts.length,
      addresses: addresses.length,
      connected,
      isFirst: connected && attempts[0]?.multiaddr === winner,
      isRelayed: winner?.includes('/p2p-circuit') === true
    }, time)
    onProgress(++done)
  }

  return { reached, unreachable }

  function add (outcome: Outcome, time: number = outcome.time): void {
    if (outcome.limit < ADDRESS_TIMEOUT) {
      reached.push(outcome)
    } else if (pipeline != null) {
      unreachable.push({ time, attempts: outcome.attempts })
    }
  }
}
