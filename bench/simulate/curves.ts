import { quantile } from '../network/statistics.ts'
import { STOCK } from './dialers.ts'
import type { MeasuredFamily } from './claims.ts'
import type { Outcome } from './measure.ts'

const PANEL = { width: 380, height: 260, left: 56, top: 48, gap: 64 }
const LEGEND = 190
const TOTAL = { width: PANEL.left + 2 * PANEL.width + PANEL.gap + LEGEND, height: PANEL.top + PANEL.height + 48 }

/** The number of points of a curve */
const STEPS = 100

/** The colour of each dialer, in the order of the tables. All are visible on light and dark backgrounds */
const COLOURS = ['#888888', '#b07aa1', '#9c755f', '#f28e2b', '#edc948', '#e15759', '#59a14f', '#17becf', '#4e79a7', '#2f4b9c', '#d37295', '#8cd17d', '#499894', '#86bcb6', '#a0cbe8', '#ffbe7d']

const STYLE = `text{font:12px system-ui,sans-serif;fill:#222}.title{font-weight:600;font-size:14px}.axis{stroke:#999;fill:none}.grid{stroke:#ddd}svg{background:#fff}
@media (prefers-color-scheme:dark){text{fill:#ddd}.axis{stroke:#777}.grid{stroke:#333}svg{background:#111}}`

interface Panel {
  readonly title: string
  readonly unit: string
  readonly valueOf: (outcome: Outcome) => number
  readonly left: number
  readonly isWhole: boolean
}

const PANELS: readonly Panel[] = [
  { title: 'time to the connection', unit: 'ms', valueOf: ({ time }) => time, left: PANEL.left, isWhole: false },
  { title: 'attempts', unit: '', valueOf: ({ attempts }) => attempts, left: PANEL.left + PANEL.width + PANEL.gap, isWhole: true }
]

/** Draws the share of peers that each dialer has connected to, over time and over attempts. The SVG suits light and dark pages */
export function curves ({ family: { name, title }, measured }: MeasuredFamily): string {
  const all = Array.from(measured, ([dialer, { reached }], i) => ({ dialer, reached, colour: COLOURS[i % COLOURS.length] }))

  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${TOTAL.width} ${TOTAL.height}" role="img" aria-label="${escaped(`${name}: ${title}`)}">
<style>${STYLE}</style>
<text class="title" x="${PANEL.left}" y="22">${escaped(`${name}: ${title}`)}</text>
${PANELS.map(panel => draw(panel)).join('\n')}
${all.map(({ dialer, colour }, i) => legend(dialer, colour, i)).join('\n')}
</svg>
`

  function draw ({ title, unit, valueOf, left, isWhole }: Panel): string {
    // the scale of a dialer with failures would hide the others
    const compared = all.filter(({ dialer }) => dialer !== STOCK || all.length === 1)
    const highest = Math.max(...compared.map(({ reached }) => quantile(0.98)(reached.map(valueOf))))
    const step = stepFor(highest)
    const end = Math.ceil(highest / step) * step
    const x = (value: number): string => (left + Math.min(1, value / end) * PANEL.width).toFixed(1)
    const y = (share: number): string => (PANEL.top + (1 - share) * PANEL.height).toFixed(1)
    const ticks = Array.from({ length: Math.round(end / step) + 1 }, (_, i) => i * step)

    return [
      `<text x="${left}" y="${PANEL.top - 10}">share of peers by ${title}</text>`,
      ...[0, 0.25, 0.5, 0.75, 1].map(share => `<path class="grid" d="M${left} ${y(share)}h${PANEL.width}"/><text x="${left - 8}" y="${Number(y(share)) + 4}" text-anchor="end">${100 * share} %</text>`),
      ...ticks.map(value => `<text x="${x(value)}" y="${PANEL.top + PANEL.height + 18}" text-anchor="middle">${value}${value === end && unit !== '' ? ` ${unit}` : ''}</text>`),
      `<path class="axis" d="M${left} ${PANEL.top}v${PANEL.height}h${PANEL.width}"/>`,
      ...all.map(({ reached, colour }) => `<path d="${curve(reached.map(valueOf).toSorted((a, b) => a - b), x, y, isWhole, end)}" fill="none" stroke="${colour}" stroke-width="1.8"/>`)
    ].join('\n')
  }
}

function curve (sorted: readonly number[], x: (value: number) => string, y: (share: number) => string, isWhole: boolean, end: number): string {
  let path = `M${x(0)} ${y(0)}`

  if (isWhole) {
    // attempts are whole numbers: the curve is a staircase
    for (let value = 1; value <= end; value++) {
      path += `H${x(value)}V${y(sorted.filter(one => one <= value).length / sorted.length)}`
    }

    return path
  }

  for (let i = 0; i <= STEPS; i++) {
    const value = sorted[Math.min(sorted.length - 1, Math.floor(i / STEPS * sorted.length))] ?? 0

    if (value > end) {
      return path
    }

    path += `L${x(value)} ${y(i / STEPS)}`
  }

  return path
}

function legend (dialer: string, colour: string | undefined, i: number): string {
  const left = PANEL.left + 2 * PANEL.width + PANEL.gap + 16
  const top = PANEL.top + 10 + 20 * i

  return `<path d="M${left} ${top}h18" stroke="${colour}" stroke-width="3"/><text x="${left + 26}" y="${top + 4}">${escaped(dialer)}</text>`
}

/** Returns 1, 2 or 5 times a power of ten, so that the axis has five to ten steps */
function stepFor (highest: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, highest) / 5))

  return Math.max(1, power * ([1, 2, 5, 10].find(factor => highest / (power * factor) <= 8) ?? 10))
}

function escaped (text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
