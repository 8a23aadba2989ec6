import { attemptsOf, interval, regrets, timesOf, validity } from './report.ts'
import { minConnectTime } from './scenarios.ts'
import { mean, pairedDifference, quantile } from './statistics.ts'
import { ALL, FIXED, FIXED_QUIC_FIRST, GO, ORACLE, STOCK, nameOf } from './strategies.ts'
import type { Claim } from '../claims.ts'
import type { Measured } from './report.ts'
import type { Knowledge } from './strategies.ts'

interface Target {
  readonly dialer: string
  readonly attempts: number
}

/** The maximum attempts of a dial by scenario, from a simulation of the rule alone. An attempt costs 30 ms in `adaptive()` and 100 ms in `frugal()` */
const TARGETS: Readonly<Record<string, readonly Target[]>> = {
  S1: [target('adaptive()', 'beliefs', 1.65), target('frugal()', 'beliefs', 1.25)],
  S2: [target('adaptive()', 'beliefs', 3), target('frugal()', 'beliefs', 2.6), target('adaptive()', 'history', 1.5), target('frugal()', 'history', 1.15)],
  S3: [target('adaptive()', 'beliefs', 6.3), target('frugal()', 'beliefs', 4.9)]
}

/** The rivals of `adaptive()` at every level of knowledge, and the factor by which it may be slower */
const RACING = [FIXED, GO]
const SLOWER = 1.03

/** The factor by which a figure may exceed its target, so that a claim does not fail by chance */
const TOLERANCE = 1.1

/** The rival in a scenario whose good addresses come first in libp2p's order: a fixed delay that keeps the given order */
const RIVALS: Readonly<Record<string, string>> = { S6: FIXED_QUIC_FIRST }

/** Compares the claims on a scenario with the measurements */
export function claimsOf (measured: Measured): Claim[] {
  const { scenario: { name }, peers, measurement: { trials }, lateness } = measured
  const limits = peers.map(({ truths }) => minConnectTime(truths))
  const rival = trials.has(RIVALS[name] ?? '') ? RIVALS[name] ?? FIXED : FIXED
  const wrongOrder = [STOCK, FIXED].filter(dialer => !dialsInOrder(measured, dialer))
  // the beliefs of these scenarios do not say which kind of address is broken
  const knowing = (['S5', 'S6', 'S7'].includes(name) ? 'history' : 'beliefs') satisfies Knowledge
  const adaptive = nameOf('adaptive()', knowing)

  return [
    validity(name, regrets(timesOf(trials.get(ORACLE)), limits), lateness),
    { text: `${name}: ${STOCK} and ${FIXED} dial first what is meant to be first${wrongOrder.length === 0 ? '' : `: not ${wrongOrder.join(', ')}`}`, isMet: wrongOrder.length === 0 },
    ...faster('mean', mean),
    ...faster('p95', quantile(0.95)),
    ...(TARGETS[name] ?? []).map(checked),
    ...(['nothing', 'beliefs', 'history'] as const).flatMap(knows => besideRivals(nameOf('adaptive()', knows)))
  ]

  /** Claims that fail only if chance does not explain the difference */
  function besideRivals (own: string): Claim[] {
    const made = mean(attemptsOf(trials.get(own)))
    const most = mean(attemptsOf(trials.get(ALL)))

    return [
      ...RACING.flatMap(rival => [['mean', mean] as const, ['p95', quantile(0.95)] as const].map(([what, statistic]) => {
        const difference = pairedDifference(timesOf(trials.get(own)), timesOf(trials.get(rival)).map(time => time * SLOWER), statistic)

        return { text: `${name}: the ${what} of ${own} is at most 3 % worse than that of ${rival}: ${interval(difference)} ms beside 1.03 times that`, isMet: difference.low <= 0 }
      })),
      { text: `${name}: ${own} makes ${made.toFixed(2)} attempts, fewer than the ${most.toFixed(2)} of ${ALL}`, isMet: made < most }
    ]
  }

  function faster (what: string, statistic: typeof mean): Claim[] {
    const difference = pairedDifference(timesOf(trials.get(adaptive)), timesOf(trials.get(rival)), statistic)

    return [{ text: `${name}: ${adaptive} beats ${rival} in its ${what}: ${interval(difference)} ms`, isMet: difference.high < 0 }]
  }

  function checked ({ dialer, attempts }: Target): Claim {
    const made = mean(attemptsOf(trials.get(dialer)))

    return { text: `${name}: ${dialer} makes ${made.toFixed(2)} attempts, ${attempts} × ${TOLERANCE} are allowed`, isMet: made <= attempts * TOLERANCE }
  }
}

function dialsInOrder ({ scenario, peers, measurement }: Measured, dialer: string): boolean {
  return measurement.trials.get(dialer)?.every(({ attempts: [first] }, i) => first === peers[i]?.addresses[scenario.first]) === true
}

function target (preset: string, knows: Knowledge, attempts: number): Target {
  return { dialer: nameOf(preset, knows), attempts }
}
