import { table } from '../network/report.ts'
import { GO, TOLD } from './dialers.ts'
import { summaryOf } from './summary.ts'
import type { MeasuredFamily } from './claims.ts'

const HEAD = ['dialer', 'connected', 'mean ms', 'p50', 'p95', 'regret', 'attempts', 'score', 'relayed', 'gives up after', 'with attempts']

/** Returns a table with a row for each dialer: its times, its attempts, and how it gave up peers that cannot be reached */
export function familyReport ({ family: { name, title }, measured }: MeasuredFamily): string {
  const summaries = Array.from(measured, ([dialer, measurement]) => ({ dialer, summary: summaryOf(measurement) }))
  const hasRelays = summaries.some(({ summary }) => summary.relayed > 0)
  const hasUnreachable = summaries.some(({ summary }) => !Number.isNaN(summary.unreachable.attempts))
  const columns = HEAD.map((_, i) => (i !== 8 || hasRelays) && (i < 9 || hasUnreachable))
  const chosen = (cells: readonly string[]): string[] => cells.filter((_, i) => columns[i])

  const rows = summaries.map(({ dialer, summary: { reachable, connected, mean, p50, p95, regret, attempts, score, relayed, unreachable } }) => chosen([
    dialer,
    connected === reachable ? 'all' : `${connected} of ${reachable}`,
    ...[mean, p50, p95, regret].map(number),
    attempts.toFixed(2),
    score.toFixed(0),
    `${(100 * relayed).toFixed(0)} %`,
    Number.isNaN(unreachable.time) ? '–' : `${(unreachable.time / 1_000).toFixed(1)} s`,
    Number.isNaN(unreachable.time) ? '–' : unreachable.attempts.toFixed(2)
  ]))
  const reachable = measured.get(GO)?.reached.length ?? summaries[0]?.summary.reachable ?? 0

  return `### ${name}: ${title}\n\n${reachable} peers that can be reached.\n\n${table(chosen(HEAD), rows)}`
}

/** Returns a table with a row for each family: mean and p95 of the milliseconds to the connection, attempts, and score */
export function summaryReport (families: readonly MeasuredFamily[]): string {
  const dialers = [...families[0]?.measured.keys() ?? []].filter(name => name !== TOLD)
  const rows = families.map(({ family: { name, title }, measured }) => [
    `**${name}**: ${title}`,
    ...dialers.map(dialer => {
      const measurement = measured.get(dialer)

      if (measurement == null) {
        return ''
      }

      const { connected, reachable, mean, p95, attempts, score } = summaryOf(measurement)

      return `${number(mean)}, ${number(p95)}, ${attempts.toFixed(2)}; ${score.toFixed(0)}${connected === reachable ? '' : `; connects ${(100 * connected / reachable).toFixed(0)} %`}`
    })
  ])

  return `Mean and p95 in milliseconds, attempts; score.\n\n${table(['family', ...dialers], rows)}`
}

function number (value: number): string {
  return value.toFixed(Math.abs(value) < 10 ? 1 : 0).replace('-', '−')
}
