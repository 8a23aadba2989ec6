import { element, round, textAt } from './svg-text.ts'
import type { BarEnd } from './bar-end.ts'

const LIGHT = '--ink:#1f2328;--dim:#59636e;--grid:#e6e9ed;--back:#fff;--connected:#1a7f37;--failed:#cf222e;--cancelled:#6e7781;--flight:#0969da;--source:#8250df'
const DARK = '--ink:#e6edf3;--dim:#9198a1;--grid:#272c33;--back:#0d1117;--connected:#3fb950;--failed:#f85149;--cancelled:#8b949e;--flight:#58a6ff;--source:#bc8cff'

/** The style of a waterfall. All selectors begin with its class, so that it does not change a page that embeds the SVG */
export const STYLE = `<style>
.dial-waterfall{${LIGHT}}
@media (prefers-color-scheme:dark){.dial-waterfall{${DARK}}}
.dial-waterfall text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;fill:var(--ink)}
.dial-waterfall .back{fill:var(--back)}
.dial-waterfall .head{font-size:14px;font-weight:600}
.dial-waterfall .address{font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.dial-waterfall .dim,.dial-waterfall .tick,.dial-waterfall .legend{fill:var(--dim);font-size:11px}
.dial-waterfall .grid{stroke:var(--grid)}
.dial-waterfall .wait{stroke:currentColor;stroke-dasharray:2 3;stroke-width:1.5}
.dial-waterfall .mark{stroke:var(--back);stroke-width:1.5}
.dial-waterfall .settled{stroke:var(--ink);stroke-dasharray:3 3;opacity:.55}
.dial-waterfall .fill{fill:currentColor}
.dial-waterfall .stroke{stroke:currentColor;stroke-width:1.8;fill:none;stroke-linecap:round}
.dial-waterfall .connected{color:var(--connected)}
.dial-waterfall .failed{color:var(--failed)}
.dial-waterfall .cancelled{color:var(--cancelled)}
.dial-waterfall .flight{color:var(--flight)}
.dial-waterfall .source{color:var(--source)}
.dial-waterfall text.connected,.dial-waterfall text.failed,.dial-waterfall text.cancelled,.dial-waterfall text.flight,.dial-waterfall text.source{fill:currentColor}
</style>`

/** The opacity of a bar: at first, with a socket, encrypted, with a multiplexer */
export const OPACITY = [0.3, 0.5, 0.8, 1] as const

/** Draws the end of a bar. Each outcome has its own shape, for readers who cannot tell the colours apart */
export function drawEnd (shape: BarEnd, x: number, y: number): string {
  switch (shape) {
    case 'connected': return element('circle', { cx: x, cy: y, r: 4, class: 'fill connected' })
    case 'failed': return element('path', { d: `M${round(x - 3.5)} ${round(y - 3.5)}l7 7m0-7l-7 7`, class: 'stroke failed' })
    case 'cancelled': return element('path', { d: `M${round(x)} ${round(y - 5)}v10`, class: 'stroke cancelled' })
    case 'flight': return element('path', { d: `M${round(x - 3)} ${round(y - 4)}l5 4l-5 4`, class: 'stroke flight' })
    case 'source': return element('path', { d: `M${round(x)} ${round(y - 4)}l4 4l-4 4l-4-4z`, class: 'fill source' })
  }
}

/** Pixels that a letter of the legend takes, at most */
const LETTER = 6.1
const LINE = 18

const BARS = ['connecting', 'socket open', 'encrypted', 'multiplexed']
const ENDS: ReadonlyArray<readonly [BarEnd, string]> = [['connected', 'connected'], ['failed', 'failed'], ['cancelled', 'cancelled'], ['flight', 'in flight'], ['source', 'source has answered']]

/**
 * Draws the legend
 *
 * @returns the markup, and the height that it takes
 */
export function drawLegend (left: number, top: number, width: number): { markup: string, height: number } {
  const items: ReadonlyArray<{ words: string, draw: (x: number, y: number) => string }> = [
    { words: 'planned, waits', draw: (x, y) => element('g', { class: 'flight' }, element('line', { x1: x, x2: x + 14, y1: y, y2: y, class: 'wait' })) },
    ...BARS.map((words, i) => ({ words, draw: (x: number, y: number) => element('g', { class: 'flight' }, element('rect', { x, y: y - 4, width: 14, height: 8, rx: 1.5, class: 'fill', opacity: OPACITY[i] ?? 1 })) })),
    ...ENDS.map(([shape, words]) => ({ words, draw: (x: number, y: number) => drawEnd(shape, x + 8, y) })),
    { words: 'the caller has its answer', draw: (x, y) => element('line', { x1: x + 8, x2: x + 8, y1: y - 6, y2: y + 6, class: 'settled' }) }
  ]
  let [x, y] = [left, top]
  const markup = items.map(({ words, draw }) => {
    const room = 20 + words.length * LETTER + 12

    if (x > left && x + room > left + width) {
      [x, y] = [left, y + LINE]
    }

    const drawn = draw(x, y) + textAt(x + 20, y + 4, words, { class: 'legend' })
    x += room

    return drawn
  }).join('')

  return { markup, height: y - top + LINE }
}
