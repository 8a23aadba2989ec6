import { clipEnd, clipMiddle, printable } from '../pipeline/safe-text.ts'
import { answerOf, groupRows, lastTime, outcomeOf, reasonOf, resultOf, shortAddress } from '../trace/outcome.ts'
import { barEndOf } from '../trace/bar-end.ts'
import { attemptsBar, sourceBar } from '../trace/text-bar.ts'
import type { Context } from './context.ts'
import type { BarEnd } from '../trace/bar-end.ts'
import type { BarScale } from '../trace/text-bar.ts'
import type { DialTrace, TraceAttempt, TraceCandidate } from '../trace/types.ts'

export interface TerminalWaterfallInit {
  /** Maximum number of rows. Others are counted. Default: 48 */
  rows?: number
  /** End of the time axis, in milliseconds after the start of the dial. Default: the last event of the trace */
  until?: number
}

interface Row {
  readonly subject: string
  /** Absent for an address without an attempt */
  readonly bar?: string
  readonly words: string
  readonly shape: BarEnd
}

/** Shares of a line for addresses and for bars. Text gets the rest */
const NAMES = 0.4
const BARS = 0.3

/** Characters that take two columns or none */
const WIDE = /[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Mark}\u3000-\u303F\uFF00-\uFF60\uFFE0-\uFFE6]/gu

/** Returns a dial as terminal lines, each within the terminal's width: a bar and an outcome for each address */
export function waterfall (trace: DialTrace, { paint, columns }: Context, { rows: most = 48, until = Math.max(1, lastTime(trace)) }: TerminalWaterfallInit = {}): string {
  const colours: Readonly<Record<BarEnd, (text: string) => string>> = { connected: paint.green, failed: paint.red, cancelled: paint.gray, flight: paint.cyan, source: paint.magenta }
  const width = Math.floor(columns * BARS)
  const rows = rowsOf(trace, { width, until, present: trace.madeAt })
  const shown = rows.length > most ? rows.slice(0, most - 1) : rows
  const more = rows.length - shown.length + (trace.omitted?.candidates ?? 0)
  const names = Math.min(Math.floor(columns * NAMES), Math.max(0, ...shown.map(({ subject }) => subject.length)))
  const edge = paint.gray('│')
  const result = trace.outcome === 'connected' ? 'connected' : trace.outcome === 'running' ? 'flight' : 'failed'

  return [
    paint.bold(clipEnd(narrow(`dial ${trace.target.peer ?? 'by address'}`), columns)),
    colours[result](clipEnd(narrow(resultOf(trace)), columns)),
    ...shown.map(({ subject, bar, words, shape }) => {
      const room = columns - names - (bar == null ? 2 : width + 4)

      return `${clipMiddle(subject, names).padEnd(names)} ${bar == null ? '' : `${edge}${colours[shape](bar)}${edge}`} ${colours[shape](clipEnd(words, room))}`
    }),
    ...more > 0 ? [paint.gray(`… and ${more} more`)] : []
  ].join('\n')
}

function rowsOf (trace: DialTrace, scale: BarScale): Row[] {
  const { sources, attempted, others } = groupRows(trace)
  const name = ({ address }: TraceCandidate): string => narrow(shortAddress(address, trace))

  return [
    ...sources.map((one): Row => ({ subject: narrow(one.stage), bar: sourceBar(one, scale), words: narrow(answerOf(one)), shape: one.error == null ? 'source' : 'failed' })),
    ...attempted.map((one): Row => ({ subject: name(one), bar: attemptsBar(one.attempts, scale), words: narrow(outcomeOf(one)), shape: barEndOf(one.attempts.at(-1) as TraceAttempt) })),
    ...others.map((one): Row => ({ subject: name(one), words: narrow(reasonOf(one, trace)), shape: 'cancelled' }))
  ]
}

/** Replaces characters that do not take exactly one column */
function narrow (text: string): string {
  return printable(text).replace(WIDE, '\uFFFD')
}
