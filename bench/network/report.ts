import { minConnectTime } from './scenarios.ts'
import { mean, pairedDifference, quantile } from './statistics.ts'
import { FIXED } from './strategies.ts'
import type { Lateness } from '../../test/helpers/network/mirror.ts'
import type { Claim } from '../claims.ts'
import type { Measurement } from './measure.ts'
import type { Scenario } from './scenarios.ts'
import type { Difference } from './statistics.ts'
import type { Peer, Trial } from './trial.ts'

export interface Measured {
  readonly scenario: Scenario
  readonly peers: readonly Peer[]
  readonly measurement: Measurement
  readonly lateness: Lateness
}

/** Returns a table with a row for each strategy: its time, compared with the limit and with a fixed delay, and its attempts */
export function scenarioReport ({ scenario, peers, measurement: { trials, busy }, lateness }: Measured): string {
  const limits = peers.map(({ truths }) => minConnectTime(truths))
  const fixed = timesOf(trials.get(FIXED))

  const rows = [...trials].map(([name, all]) => {
    const times = timesOf(all)
    const beside = (statistic = mean): string => name === FIXED ? '' : interval(pairedDifference(times, fixed, statistic))

    return [
      name,
      `${all.filter(({ error }) => error == null).length}`,
      ms(mean(times)),
      ms(quantile(0.5)(times)),
      ms(quantile(0.95)(times)),
      ms(mean(regrets(times, limits))),
      mean(attemptsOf(all)).toFixed(2),
      beside(),
      beside(quantile(0.95))
    ]
  })

  return [
    `### ${scenario.name}: ${scenario.title}`,
    `${peers.length} peers, limit ${ms(mean(limits))} ms in the mean; told: ${JSON.stringify(scenario.belief)}; with history: has dialled ${scenario.history} before.`,
    table(['dialer', 'connected', 'mean ms', 'p50', 'p95', 'regret', 'attempts', `mean beside ${FIXED}`, `p95 beside ${FIXED}`], rows),
    `${latenessText(lateness)} Processors ${percent(busy.machine)} in use, the dialer's one ${percent(busy.dialer)}.`
  ].join('\n\n')
}

/** Claims that a measurement can be trusted: the oracle is near the limit, and the network is on time */
export function validity (what: string, oracle: readonly number[], { lateMean }: Lateness): Claim {
  const over = quantile(0.5)(oracle)

  return {
    text: `${what}: the measurement is valid: the oracle is ${ms(over)} ms over the limit (15 are allowed), the network ${lateMean.toFixed(2)} ms late (0.5 are allowed)`,
    isMet: over <= 15 && lateMean < 0.5
  }
}

export function timesOf (trials: readonly Trial[] = []): number[] {
  return trials.map(({ ms }) => ms)
}

export function attemptsOf (trials: readonly Trial[] = []): number[] {
  return trials.map(({ attempts }) => attempts.length)
}

export function regrets (times: readonly number[], limits: readonly number[]): number[] {
  return times.map((time, i) => time - (limits[i] ?? NaN))
}

export function latenessText ({ lateMean, lateMax, returned }: Lateness): string {
  return `The network was ${lateMean.toFixed(3)} ms late in the mean, ${lateMax.toFixed(1)} ms at most (${returned} packets).`
}

/** Returns a Markdown table */
export function table (head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  return [head, head.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |`).join('\n')
}

export function interval ({ value, low, high }: Difference): string {
  return `${signed(value)} (${signed(low)} to ${signed(high)})`
}

export function ms (time: number): string {
  return Number.isNaN(time) ? '–' : time.toFixed(time < 10 ? 1 : 0)
}

function signed (time: number): string {
  return `${time < 0 ? '−' : '+'}${ms(Math.abs(time))}`
}

function percent (share: number): string {
  return `${(100 * share).toFixed(0)} %`
}
