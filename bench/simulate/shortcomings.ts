import { table } from '../network/report.ts'
import { GO, OURS, RIVALS } from './dialers.ts'
import { summaryOf } from './summary.ts'
import type { MeasuredFamily } from './claims.ts'
import type { Summary } from './summary.ts'

/** What is the same but for chance */
const TOLERANCE = 1.03

/** In which families a rival is better, and in what: each figure beside that of the best rival. `all at once` has the best times there are */
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
    // a sequential dialer makes the fewest
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
