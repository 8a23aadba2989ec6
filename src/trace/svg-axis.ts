import { element, textAt } from './svg-text.ts'

export interface Axis {
  readonly left: number
  readonly width: number
  /** The last time, in milliseconds after the start of the dial */
  readonly end: number
  readonly x: (ms: number) => number
}

/** Minimum pixels between two labels */
const GAP = 64

export function axisOf (left: number, width: number, end: number): Axis {
  return { left, width, end, x: ms => left + Math.min(1, Math.max(0, ms / end)) * width }
}

/** Draws the labels, and for each a line down to `bottom` */
export function drawAxis ({ left, width, end, x }: Axis, top: number, bottom: number): string {
  const step = niceStep(end / (width / GAP))
  const ticks = Array.from({ length: Math.floor(end / step) + 1 }, (_, i) => i * step)
  const last = ticks.at(-1) ?? 0

  return ticks.map(ms => [
    element('line', { x1: x(ms), x2: x(ms), y1: top + 4, y2: bottom, class: 'grid' }),
    // the unit is on the last label only, because there is room after it
    textAt(x(ms), top, ms === last ? `${label(ms)} ms` : label(ms), { class: 'tick', 'text-anchor': ms === 0 ? 'start' : x(ms) > left + width - 24 ? 'end' : 'middle' })
  ].join('')).join('')
}

/** Returns the smallest of 1, 2, 5, 10, 20, … that is at least `least` */
function niceStep (least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))

  return [1, 2, 5, 10].map(factor => factor * power).find(step => step >= least) ?? least
}

function label (ms: number): string {
  return String(Number(ms.toPrecision(6)))
}
