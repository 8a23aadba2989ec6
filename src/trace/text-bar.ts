import { MARK_LEVELS, barEndOf } from './bar-end.ts'
import type { BarEnd } from './bar-end.ts'
import type { TraceAttempt, TraceSource } from './types.ts'

export interface BarScale {
  readonly width: number
  /** The time at the end of a bar, in milliseconds after the start of the dial */
  readonly until: number
  /** Time of the trace. Pending bars end here. Default: `until` */
  readonly present?: number
}

const ENDS: Readonly<Record<BarEnd, string>> = { connected: '●', failed: '×', cancelled: '○', flight: '›', source: '◆' }
const WAIT = '·'
/** The steps of an attempt: connecting, with a socket, encrypted, with a multiplexer */
const FILLS = ['░', '▒', '▓', '█'] as const

/** Returns all attempts of an address in one bar: waits, the steps of each attempt, and how each ended */
export function attemptsBar (attempts: readonly TraceAttempt[], scale: BarScale): string {
  const cells = Array<string>(scale.width).fill(' ')

  for (const attempt of attempts) {
    const end = cellOf(attempt.endedAt ?? scale.present ?? scale.until, scale)

    for (let i = cellOf(attempt.plannedAt, scale); i < end; i++) {
      cells[i] = fillOf(attempt, i, scale)
    }

    cells[end] = ENDS[barEndOf(attempt)]
  }

  return cells.join('')
}

/** Returns the bar of a source, from its request to its answer */
export function sourceBar ({ askedAt, endedAt, isAwaited, error }: TraceSource, scale: BarScale): string {
  const from = cellOf(askedAt, scale)
  const to = cellOf(endedAt ?? scale.present ?? scale.until, scale)
  const end = endedAt == null || isAwaited === true ? '─' : ENDS[error == null ? 'source' : 'failed']

  return `${' '.repeat(from)}${'─'.repeat(Math.max(0, to - from))}${end}`.padEnd(scale.width)
}

function fillOf ({ startedAt, marks }: TraceAttempt, cell: number, scale: BarScale): string {
  if (startedAt == null || cell < cellOf(startedAt, scale)) {
    return WAIT
  }

  const level = marks.reduce((most, { name, at }) => cellOf(at, scale) <= cell ? Math.max(most, MARK_LEVELS[name]) : most, 0)

  return FILLS[level] ?? FILLS[0]
}

function cellOf (time: number, { width, until }: BarScale): number {
  return Math.max(0, Math.min(width - 1, Math.floor(time / until * width)))
}
