import { MARK_LEVELS, barEndOf } from './bar-end.ts'
import { drawEnd, OPACITY } from './svg-style.ts'
import { element } from './svg-text.ts'
import type { Axis } from './svg-axis.ts'
import type { TraceAttempt } from './types.ts'

const HEIGHT = 8

/** Draws one attempt: its wait for a slot, a bar that grows darker with each mark, and its end */
export function drawAttempt (attempt: TraceAttempt, axis: Axis, y: number): string {
  const shape = barEndOf(attempt)
  const start = attempt.startedAt ?? axis.end
  const end = Math.max(start, attempt.endedAt ?? axis.end)
  const wait = attempt.plannedAt < (attempt.startedAt ?? attempt.endedAt ?? axis.end)
    ? element('line', { x1: axis.x(attempt.plannedAt), x2: axis.x(attempt.startedAt ?? attempt.endedAt ?? axis.end), y1: y, y2: y, class: 'wait' })
    : ''

  return element('g', { class: shape }, wait + (attempt.startedAt == null ? '' : drawParts(attempt, start, end, axis, y)) + drawEnd(shape, axis.x(attempt.endedAt ?? axis.end), y))
}

function drawParts ({ marks }: TraceAttempt, start: number, end: number, axis: Axis, y: number): string {
  let level = 0
  let from = start
  const drawn: string[] = []

  for (const { name, at } of marks.slice(0, 8).toSorted((a, b) => a.at - b.at)) {
    const to = Math.min(end, Math.max(from, at))
    drawn.push(drawPart(from, to, level, axis, y))
    from = to
    level = Math.max(level, MARK_LEVELS[name])
  }

  drawn.push(drawPart(from, end, level, axis, y))

  return drawn.join('') + marks.slice(0, 8).map(({ at }) => element('line', { x1: axis.x(at), x2: axis.x(at), y1: y - HEIGHT / 2, y2: y + HEIGHT / 2, class: 'mark' })).join('')
}

function drawPart (from: number, to: number, level: number, axis: Axis, y: number): string {
  const x = axis.x(from)

  // an attempt without duration is drawn a pixel wide, so that it is visible
  return to < from ? '' : element('rect', { x, y: y - HEIGHT / 2, width: Math.max(level === 0 ? 1 : 0, axis.x(to) - x), height: HEIGHT, class: 'fill', opacity: OPACITY[level] ?? 1 })
}
