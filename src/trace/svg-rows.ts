import { clipEnd, clipMiddle } from '../pipeline/safe-text.ts'
import { answerOf, groupRows, outcomeOf, reasonOf, shortAddress } from './outcome.ts'
import { barEndOf } from './bar-end.ts'
import { drawAttempt } from './svg-bar.ts'
import { drawEnd } from './svg-style.ts'
import { element, textAt, tooltip } from './svg-text.ts'
import type { Axis } from './svg-axis.ts'
import type { DialTrace, TraceCandidate, TraceSource } from './types.ts'

/** Maximum rows of each kind. A note counts the others */
const MAX_ROWS = 48

const ROW = 34
const LINE = 19

/** Width of a letter in pixels: of an address, in a fixed-width font, and at most of other text */
const FIXED = 6.75
const LETTER = 7.3
/** Minimum share of a row for the words at its end, when the address needs the rest */
const WORDS = 0.5
const GAP = 12

interface Rows {
  markup: string
  /** The bottom of the bars, in pixels, and the bottom of all rows */
  chartBottom: number
  bottom: number
}

export function rowsOf (trace: DialTrace, axis: Axis, top: number, width: number): Rows {
  const { sources, attempted, others } = groupRows(trace)
  // short of the right edge, where most dials have the line of the caller's result: it must not cross a word
  const chart = axis.width - GAP / 2
  const markup: string[] = []
  let y = top

  /** Draws the first rows of a kind, and a note that counts the others */
  const drawRows = <T> (all: readonly T[], height: number, draw: (one: T) => string, what: string, omitted = 0): void => {
    const more = Math.max(0, all.length - MAX_ROWS) + omitted

    for (const one of all.slice(0, MAX_ROWS)) {
      markup.push(draw(one))
      y += height
    }

    if (more > 0) {
      markup.push(textAt(axis.left, y + 14, `… and ${more} more ${what}`, { class: 'dim' }))
      y += LINE
    }
  }

  drawRows(sources, ROW, source => drawSource(source, axis, y, chart), 'sources', trace.omitted?.sources)
  drawRows(attempted, ROW, candidate => drawCandidate(candidate, trace, axis, y, chart), 'addresses that were attempted')
  const chartBottom = y

  if (others.length > 0) {
    y += 26
    markup.push(textAt(axis.left, y, 'Not dialled', { class: 'dim' }))
    y += 4
  }

  drawRows(others, LINE, candidate => drawWords(shortAddress(candidate.address, trace), reasonOf(candidate, trace), 'dim', axis.left, y + 14, width), 'addresses', trace.omitted?.candidates)

  return { markup: markup.join('\n'), chartBottom, bottom: y }
}

function drawCandidate (candidate: TraceCandidate, trace: DialTrace, axis: Axis, y: number, width: number): string {
  const last = candidate.attempts.at(-1)

  return drawWords(shortAddress(candidate.address, trace), outcomeOf(candidate), last == null ? 'dim' : barEndOf(last), axis.left, y + 14, width, last?.error?.message) +
    candidate.attempts.slice(-MAX_ROWS).map(attempt => drawAttempt(attempt, axis, y + 24)).join('')
}

function drawSource (source: TraceSource, axis: Axis, y: number, width: number): string {
  const { stage, askedAt, endedAt, error, isAwaited } = source
  const words = answerOf(source)
  const end = axis.x(endedAt ?? axis.end)

  return drawWords(stage, words, error == null ? 'source' : 'failed', axis.left, y + 14, width) + element('g', { class: 'source' },
    element('line', { x1: axis.x(askedAt), x2: end, y1: y + 24, y2: y + 24, class: 'stroke' }) + (isAwaited === true ? '' : drawEnd(error == null ? 'source' : 'failed', end, y + 24)))
}

/** Draws the subject of a row, and the words about it at the other end. The tooltip has both in full */
function drawWords (subject: string, words: string, kind: string, x: number, y: number, width: number, whole = words): string {
  const end = clipEnd(words, Math.floor(Math.max(width * WORDS, width - subject.length * FIXED - GAP) / LETTER))
  const begin = clipMiddle(subject, Math.floor((width - end.length * LETTER - GAP) / FIXED))

  return element('g', {}, tooltip(`${subject}: ${whole}`) + textAt(x, y, begin, { class: 'address' }) + textAt(x + width, y, end, { class: kind, 'text-anchor': 'end' }))
}
