import { multiaddr } from '@multiformats/multiaddr'
import { peerIdFromString } from '@libp2p/peer-id'
import { drawScript, limitOf } from '../../src/testing/simulation/fate.ts'
import { simulatedNode } from '../../src/testing/index.ts'
import { adaptive, goLike, staggered } from '../../presets/index.ts'
import { seeded } from './random.ts'
import { ms, regrets, table, timesOf, validity } from './report.ts'
import { minConnectTime } from './scenarios.ts'
import { quantile } from './statistics.ts'
import { ORACLE } from './strategies.ts'
import type { Claim } from '../claims.ts'
import type { SimulatedPeer } from '../../src/testing/index.ts'
import type { HostFate } from '../../src/testing/simulation/fate.ts'
import type { Measured } from './report.ts'
import type { Truth } from './scenarios.ts'
import type { Strategy } from './strategies.ts'
import type { Peer } from './trial.ts'

/** The scenarios in which the simulator and real sockets must agree */
export const AGREEING = ['S1', 'S2', 'S3', 'S4', 'S9']

/** The compared strategies: new nodes without a history */
export const simulated: readonly Strategy[] = [
  { name: 'staggered()', knows: 'nothing', pipeline: staggered() },
  { name: 'goLike()', knows: 'nothing', pipeline: goLike() },
  { name: 'adaptive()', knows: 'nothing', pipeline: adaptive() },
  { name: ORACLE, knows: 'nothing', dials: 'the best' }
]

/** The maximum difference of two medians: a share, or milliseconds */
const RELATIVE = 0.1
const ABSOLUTE = 5

const FATES: Readonly<Record<Truth['fate'], HostFate>> = { answers: 'good', refuses: 'refuses', stalls: 'stalls', silent: 'silent' }

/** Simulates the peers that were dialled over real sockets, and compares the results */
export async function agreement (all: readonly Measured[]): Promise<{ report: string, claims: Claim[] }> {
  const rows: string[][] = []
  const claims: Claim[] = []

  for (const { scenario: { name }, peers, measurement: { trials }, lateness } of all) {
    claims.push(validity(name, regrets(timesOf(trials.get(ORACLE)), peers.map(({ truths }) => minConnectTime(truths))), lateness))

    for (const { name: dialer, pipeline } of simulated) {
      if (pipeline == null) {
        continue
      }

      const times: number[] = []

      for (const [i, peer] of peers.entries()) {
        times.push((await simulatedNode(pipeline, { seed: i }).dial(simulatedPeer(peer))).time)
      }

      const measured = timesOf(trials.get(dialer))
      const [simulatedMedian, measuredMedian] = [quantile(0.5)(times), quantile(0.5)(measured)]
      const isMet = Math.abs(simulatedMedian - measuredMedian) <= Math.max(ABSOLUTE, RELATIVE * measuredMedian)
      rows.push([name, dialer, ...[0.5, 0.95].flatMap(share => [times, measured].map(values => ms(quantile(share)(values))))])
      claims.push({ text: `${name}, ${dialer}: the simulator's median, ${ms(simulatedMedian)} ms, is within 10 % or 5 ms of that of real sockets, ${ms(measuredMedian)} ms`, isMet })
    }
  }

  return {
    report: `### The simulator beside real sockets\n\nThe same peers, dialled by new nodes: milliseconds to the connection.\n\n${table(['scenario', 'dialer', 'p50, simulated', 'p50, real', 'p95, simulated', 'p95, real'], rows)}`,
    claims
  }
}

function simulatedPeer ({ id, addresses, truths }: Peer): SimulatedPeer {
  const random = seeded(1)
  const simulated = addresses.map((address, i) => {
    const { transport, roundTrip, fate } = truths[i] as Truth

    return { multiaddr: multiaddr(address).decapsulate(`/p2p/${id}`), script: drawScript({ transport, roundTrip }, FATES[fate], {}, random) }
  })

  return { id: peerIdFromString(id), addresses: simulated, limit: limitOf(simulated) }
}
