import { simulate, simulatedNetwork } from '../../src/testing/index.ts'
import type { SimulatedDialer } from './dialers.ts'
import type { Family } from './families.ts'

/** What came of one dial of a peer that can be reached */
export interface Outcome {
  /** Milliseconds until the connection. A dial that fails counts as long as libp2p's own dialer would have tried, at least */
  readonly time: number
  /** Milliseconds that a dial of the best address alone takes */
  readonly limit: number
  readonly attempts: number
  /** How many addresses the peer has */
  readonly addresses: number
  readonly connected: boolean
  /** The first address that was dialled was the one that connected */
  readonly isFirst: boolean
  /** It connected over a relay */
  readonly isRelayed: boolean
}

export interface Measurement {
  readonly reached: readonly Outcome[]
  /** Of peers that no dialer can reach: milliseconds until the error, and attempts */
  readonly unreachable: ReadonlyArray<Pick<Outcome, 'time' | 'attempts'>>
}

/** libp2p's defaults for a dial and for an address, in milliseconds */
const DIAL_TIMEOUT = 10_000
const ADDRESS_TIMEOUT = 6_000

export interface MeasureInit {
  readonly family: Family
  readonly dialer: SimulatedDialer
  readonly peers: number
  /** The number of the first peer */
  readonly first?: number
  readonly seed: number
  /** Called after each peer, with how many are done */
  readonly onProgress?: (done: number) => void
}

/** Has one dialer dial the peers of a family: all dialers dial the same ones */
export async function measure ({ family, dialer, peers, first = 0, seed, onProgress = () => {} }: MeasureInit): Promise<Measurement> {
  const network = simulatedNetwork({ ...family.network, seed })
  const reached: Outcome[] = []
  const unreachable: Array<Pick<Outcome, 'time' | 'attempts'>> = []
  const { pipeline, computed, knows, isTold } = dialer

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

  for await (const dial of simulate(pipeline, { network, peers, first, knows, belief: isTold === true ? family.belief : undefined, seed, options: { runOnLimitedConnection: true } })) {
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
