import { InvalidParametersError } from '@libp2p/interface'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { highest } from '../pipeline/extremes.ts'
import { clipMiddle } from '../pipeline/safe-text.ts'
import { checkTrace } from './check-trace.ts'
import { count, groupRows, lastTime, shortAddress } from './outcome.ts'
import { attemptsBar, sourceBar } from './text-bar.ts'
import { defaultWidth, fitLines, TRACE_OPTIONS } from './text-lines.ts'
import { candidateText, headlineOf, sourceText } from './result-text.ts'
import type { BarScale } from './text-bar.ts'
import type { DialTrace } from './types.ts'

/** Options of `renderTrace()` and `explain()` */
export interface RenderTraceInit {
  /**
   * Maximum characters in a line: 40 or more
   *
   * @default the columns of the terminal that the process writes to, or 100 without a terminal
   */
  width?: number | undefined
}

/** Characters of a line in addition to the name, the bar and the outcome */
const BESIDE = 6

/** A line of the table: a source or an address, its bar, and its outcome */
interface Row {
  readonly name: string
  /** Absent for a source that answered at once, and for an address without attempts */
  readonly bar?: string
  readonly fate: string
}

/**
 * Returns a dial as text, with one line for the dial, each source and each address. A bar shows an attempt from start to end, and grows darker
 * with each step: `░` connecting, `▒` socket open, `▓` encrypted, `█` multiplexed
 *
 * @throws InvalidParametersError for a value that is not a trace, and for an unknown or wrong option
 */
export function renderTrace (trace: DialTrace, init: RenderTraceInit = {}): string {
  checkArguments('renderTrace()', arguments, 2, undefined, InvalidParametersError)
  checkTrace('renderTrace()', trace)
  checkOptions('renderTrace()', init, TRACE_OPTIONS, InvalidParametersError)
  const width = init.width ?? defaultWidth()
  const bars = width < 60 ? 0 : Math.min(40, Math.floor(width / 4))
  const rows = rowsOf(trace, { width: bars, until: Math.max(1, lastTime(trace)) })
  // the address and the outcome share the width that the bars leave
  const names = Math.min(Math.max(0, highest(rows.map(({ name }) => name.length))), Math.floor((width - bars) / 2) - 3)

  return fitLines([
    ...headlineOf(trace, width),
    ...rows.map(({ name, bar, fate }) => {
      // an empty bar is left out when the outcome needs its room
      const hasBar = bars > 0 && (bar != null || names + bars + fate.length + BESIDE <= width)

      return `  ${clipMiddle(name, names).padEnd(names)} ${hasBar ? `|${bar ?? ' '.repeat(bars)}| ` : ''}${fate}`
    }),
    ...omissions(trace)
  ], width)
}

function rowsOf (trace: DialTrace, scale: BarScale): Row[] {
  const { attempted, others } = groupRows(trace)

  return [
    ...trace.sources.map(source => ({ name: source.stage, bar: source.askedAt === source.endedAt || source.notAsked != null ? undefined : sourceBar(source, scale), fate: sourceText(source) })),
    ...attempted.map(one => ({ name: shortAddress(one.address, trace), bar: attemptsBar(one.attempts, scale), fate: candidateText(one, trace) })),
    ...others.map(one => ({ name: shortAddress(one.address, trace), fate: candidateText(one, trace) }))
  ]
}

function omissions ({ omitted: { candidates = 0, attempts = 0 } = {} }: DialTrace): string[] {
  const words = [candidates > 0 ? count(candidates, 'more address', 'es') : '', attempts > 0 ? count(attempts, 'more attempt') : ''].filter(one => one !== '')

  return words.length === 0 ? [] : [`  … and ${words.join(', ')}`]
}
