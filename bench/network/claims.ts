import { attemptsOf, interval, regrets, timesOf, validity } from './report.ts'
import { limitOf } from './scenarios.ts'
import { mean, pairedDifference, quantile } from './statistics.ts'
import { FIXED, FIXED_QUIC_FIRST, ORACLE, STOCK, nameOf } from './strategies.ts'
import type { Claim } from '../claims.ts'
import type { Measured } from './report.ts'
import type { Knowledge } from './strategies.ts'

interface Target {
  readonly scenario: string
  readonly dialer: string
  readonly regret?: number
  readonly attempts?: number
}

/**
 * Mean regret in milliseconds, and attempts a dial, that a simulation of the same rule came to. With 30 ms a dial
 * (`adaptive()`) and 100 (`frugal()`)
 */
const TARGETS: readonly Target[] = [
  target('S1', 'adaptive()', 'beliefs', 135, 1.65),
  target('S2', 'adaptive()', 'beliefs', 21, 3),
  target('S3', 'adaptive()', 'beliefs', 53, 6.3),
  target('S1', 'frugal()', 'beliefs', 160, 1.25),
  target('S2', 'frugal()', 'beliefs', 45, 2.6),
  target('S3', 'frugal()', 'beliefs', 90, 4.9),
  target('S2', 'adaptive()', 'history', 40, 1.5),
  target('S2', 'frugal()', 'history', 70, 1.15),
  target('S5', 'adaptive()', 'history', 5),
  target('S6', 'adaptive()', 'history', 20)
]

/** What it takes not to fail by chance */
const TOLERANCE = 1.1

/** Where libp2p's order has what is good first, a fixed delay is compared that listens to the order given */
const RIVALS: Readonly<Record<string, string>> = { S6: FIXED_QUIC_FIRST }

/** What this project says of its dialers in a scenario, and whether that is so */
export function claimsOf (measured: Measured): Claim[] {
  const { scenario: { name }, peers, measurement: { trials }, lateness } = measured
  const limits = peers.map(({ truths }) => limitOf(truths))
  const rival = trials.has(RIVALS[name] ?? '') ? RIVALS[name] ?? FIXED : FIXED
  const wrongOrder = [STOCK, FIXED].filter(dialer => !dialsInOrder(measured, dialer))
  // of what a scenario says of a dialer that knows nothing of it
  const knowing = (['S5', 'S6', 'S7'].includes(name) ? 'history' : 'beliefs') satisfies Knowledge
  const adaptive = nameOf('adaptive()', knowing)

  return [
    validity(name, regrets(timesOf(trials.get(ORACLE)), limits), lateness),
    { text: `${name}: ${STOCK} and ${FIXED} dial first what is meant to be first${wrongOrder.length === 0 ? '' : `: not ${wrongOrder.join(', ')}`}`, isMet: wrongOrder.length === 0 },
    ...faster('mean', mean),
    ...faster('p95', quantile(0.95)),
    // those of S5 are of QUIC
    ...TARGETS.filter(({ scenario }) => scenario === name && (name !== 'S5' || trials.has(FIXED_QUIC_FIRST))).flatMap(checked)
  ]

  function faster (what: string, statistic: typeof mean): Claim[] {
    const difference = pairedDifference(timesOf(trials.get(adaptive)), timesOf(trials.get(rival)), statistic)

    return [{ text: `${name}: ${adaptive} beats ${rival} in its ${what}: ${interval(difference)} ms`, isMet: difference.high < 0 }]
  }

  function checked ({ dialer, regret, attempts }: Target): Claim[] {
    const all = trials.get(dialer)
    const took = mean(regrets(timesOf(all), limits))
    const made = mean(attemptsOf(all))

    return [
      ...regret == null ? [] : [{ text: `${name}: ${dialer} regrets ${took.toFixed(1)} ms, ${regret} × ${TOLERANCE} are allowed`, isMet: took <= regret * TOLERANCE }],
      ...attempts == null ? [] : [{ text: `${name}: ${dialer} makes ${made.toFixed(2)} attempts, ${attempts} × ${TOLERANCE} are allowed`, isMet: made <= attempts * TOLERANCE }]
    ]
  }
}

function dialsInOrder ({ scenario, peers, measurement }: Measured, dialer: string): boolean {
  return measurement.trials.get(dialer)?.every(({ attempts: [first] }, i) => first === peers[i]?.addresses[scenario.first]) === true
}

function target (scenario: string, preset: string, knows: Knowledge, regret: number, attempts?: number): Target {
  return { scenario, dialer: nameOf(preset, knows), regret, attempts }
}
