import { InvalidParametersError } from '@libp2p/interface'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { highest } from '../pipeline/extremes.ts'
import { clipEnd, clipMiddle, safeText } from './safe-text.ts'
import { checkTrace } from './check-trace.ts'
import { count, lastTime, shortAddress } from './outcome.ts'
import { defaultWidth, fateOf, headlineOf, sourceFate } from './words.ts'
import type { OptionKind } from '../pipeline/option-kinds.ts'
import type { DialTrace, TraceCandidate } from './types.ts'

export interface RenderTraceInit {
  /**
   * How many characters a line may have: 40 or more
   *
   * @default the columns of the terminal that the process writes to, or 100 where there is none
   */
  width?: number
}

/** Characters of a line before it is clipped: a trace may have been read from a file */
const MAX_LINE = 4_096

/** Characters of a line beside the name, the bar and what became of the address */
const BESIDE = 6

export const WIDTH: OptionKind = { expected: 'a whole number of characters, 40 or more', test: value => Number.isSafeInteger(value) && (value as number) >= 40 }

/** One line of the table: who, when, and what came of it */
interface Row {
  readonly name: string
  readonly spans: ReadonlyArray<{ readonly from: number, readonly answered: number, readonly to: number }>
  readonly fate: string
}

/**
 * Returns a dial as text: a line for the dial, one for each source that was asked, and one for each address, with a bar from when it was tried
 * to when that ended. A bar is light until the remote was first heard of
 *
 * @throws InvalidParametersError for what is not a trace, and for an unknown or wrong option
 */
export function renderTrace (trace: DialTrace, init: RenderTraceInit = {}): string {
  checkArguments('renderTrace()', arguments, 2, undefined, InvalidParametersError)
  checkTrace('renderTrace()', trace)
  checkOptions('renderTrace()', init, { width: WIDTH }, InvalidParametersError)
  const width = init.width ?? defaultWidth()
  const end = Math.max(1, lastTime(trace))
  const rows = [...sourceRows(trace, end), ...addressRows(trace, end)]
  // half of the rest for the address, half for what became of it
  const bar = width < 60 ? 0 : Math.min(40, Math.floor(width / 4))
  const names = Math.min(Math.max(0, highest(rows.map(({ name }) => name.length))), Math.floor((width - bar) / 2) - 3)

  return [
    ...headlineOf(trace, width),
    ...rows.map(({ name, spans, fate }) => {
      // an empty bar makes way for a long reason
      const hasBar = bar > 0 && (spans.length > 0 || names + bar + fate.length + BESIDE <= width)

      return `  ${clipMiddle(name, names).padEnd(names)} ${hasBar ? `|${barOf(spans, end, bar)}| ` : ''}${fate}`
    }),
    ...omissions(trace)
  ].map(line => clipEnd(safeText(line, MAX_LINE), width)).join('\n')
}

function sourceRows ({ sources, endedAt }: DialTrace, end: number): Row[] {
  return sources.map(source => {
    const from = source.askedAt
    const to = source.endedAt ?? endedAt ?? end

    // what is answered at once took no time
    return { name: source.stage, spans: from === to ? [] : [{ from, answered: Infinity, to }], fate: sourceFate(source) }
  })
}

/** Those that were tried, in the order in which they were, then the others */
function addressRows (trace: DialTrace, end: number): Row[] {
  const { candidates } = trace
  const tried = candidates.filter(({ attempts }) => attempts.length > 0).toSorted((a, b) => beginOf(a) - beginOf(b))

  return [...tried, ...candidates.filter(({ attempts }) => attempts.length === 0)].map(one => ({
    name: shortAddress(one.address, trace),
    spans: one.attempts.map(({ plannedAt, startedAt = plannedAt, marks, endedAt = end }) => ({ from: startedAt, answered: marks[0]?.at ?? Infinity, to: endedAt })),
    fate: fateOf(one, trace)
  }))
}

function beginOf ({ attempts: [first] }: TraceCandidate): number {
  return first?.startedAt ?? first?.plannedAt ?? 0
}

function barOf (spans: Row['spans'], end: number, width: number): string {
  const cells = Array<string>(width).fill(' ')
  const cell = (time: number): number => Math.min(width - 1, Math.max(0, Math.floor(time / end * width)))

  for (const { from, answered, to } of spans) {
    for (let i = cell(from); i <= cell(to); i++) {
      cells[i] = answered === Infinity || i < cell(answered) ? '░' : '█'
    }
  }

  return cells.join('')
}

function omissions ({ omitted = {} }: DialTrace): string[] {
  const { candidates = 0, attempts = 0, callers = 0 } = omitted
  const words = [
    ...candidates > 0 ? [count(candidates, 'more address', 'es')] : [],
    ...attempts > 0 ? [count(attempts, 'more attempt')] : [],
    ...callers > 0 ? [count(callers, 'more caller')] : []
  ]

  return words.length === 0 ? [] : [`  … and ${words.join(', ')}`]
}
