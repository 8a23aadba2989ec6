import { table } from '../network/report.ts'
import { GO, OURS, RIVALS } from './dialers.ts'
import { summaryOf } from './summary.ts'
import type { MeasuredFamily } from './claims.ts'
import type { Summary } from './summary.ts'

/** Figures within this factor differ only by chance */
const TOLERANCE = 1.03

/** Lists the families in which a rival is better, with both figures. The times of `all at once` are the best possible, and do not count */
export function shortcomings (families: readonly MeasuredFamily[]): string {
  const rows = families.flatMap(({ family: { name }, measured }) => {
    const summaries = new Map(Array.from(measured, ([dialer, measurement]) => [dialer, summaryOf(measurement)]))
    const cells = OURS.map(ours => cell(summaries, ours))

    return cells.every(text => text === '') ? [] : [[name, ...cells]]
  })

  return `### Where a rival is better\n\n${rows.length === 0 ? 'Nowhere.' : table(['family', ...OURS], rows)}`
}

function cell (summaries: ReadonlyMap<string, Summary>, ours: string): string {
  const own = summaries.get(ours)
  const racing = RIVALS.filter(rival => rival !== 'all at once')

  if (own == null) {
    return ''
  }

  return [
    worse('mean', racing, ({ mean }) => mean, ' ms'),
    worse('p95', racing, ({ p95 }) => p95, ' ms'),
    // only goLike(): a sequential dialer makes the fewest attempts
    worse('attempts', [GO], ({ attempts }) => attempts, ''),
    worse('score', RIVALS, ({ score }) => score, '')
  ].filter(text => text != null).join('; ')

  function worse (what: string, rivals: readonly string[], valueOf: (summary: Summary) => number, unit: string): string | undefined {
    const [best] = rivals.flatMap(rival => {
      const summary = summaries.get(rival)

      return summary == null ? [] : [{ rival, value: valueOf(summary) }]
    }).toSorted((a, b) => a.value - b.value)
    const value = own == null ? NaN : valueOf(own)

    return best == null || value <= best.value * TOLERANCE ? undefined : `${what} ${number(value)}${unit}, ${best.rival} ${number(best.value)}${unit}`
  }
}

function number (value: number): string {
  return value.toFixed(value < 10 ? 2 : 0)
}
