import { InvalidParametersError } from '@libp2p/interface'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { POSITIVE_NUMBER } from '../pipeline/option-kinds.ts'
import { clipEnd, clipMiddle } from '../pipeline/safe-text.ts'
import { checkTrace } from './check-trace.ts'
import { lastTime, resultOf } from './outcome.ts'
import { axisOf, drawAxis } from './svg-axis.ts'
import { rowsOf } from './svg-rows.ts'
import { drawLegend, STYLE } from './svg-style.ts'
import { element, textAt, tooltip } from './svg-text.ts'
import type { OptionKind } from '../pipeline/option-kinds.ts'
import type { DialTrace } from './types.ts'

/** Options of `renderWaterfall()` */
export interface RenderWaterfallInit {
  /**
   * Width in pixels. The picture scales: texts are clipped for this width
   *
   * @default 600
   */
  readonly width?: number | undefined
  /**
   * End of the time axis, in milliseconds after the start of the dial. Use the same value to compare two dials. Default: the last
   * event of the trace. At least 1
   */
  readonly until?: number | undefined
}

const WIDTH: OptionKind = { expected: 'a number of pixels from 320 to 4096', test: value => typeof value === 'number' && value >= 320 && value <= 4_096 }
const OPTIONS = { width: WIDTH, until: POSITIVE_NUMBER }

const PADDING = 16
const LETTER = 7.1
/** Pixels of a letter of the headline, in the widest of its fonts */
const BOLD = 9.7

/**
 * Draws a dial as a waterfall. Each source that took time and each attempted address has a row with a bar from its start to its end. The
 * rows below give the reasons of the addresses that were not attempted
 *
 * @returns an SVG document as text, for light and dark backgrounds. Texts of the trace are escaped
 * @throws InvalidParametersError for a value that is not a trace, and for an unknown or wrong option
 */
export function renderWaterfall (trace: DialTrace, init: RenderWaterfallInit = {}): string {
  checkArguments('renderWaterfall()', arguments, 2, undefined, InvalidParametersError)
  checkTrace('renderWaterfall()', trace)
  checkOptions('renderWaterfall()', init, OPTIONS, InvalidParametersError)
  const { width = 600 } = init
  // at least 1 ms: a shorter axis could have too many ticks for the memory
  const until = Math.max(1, init.until ?? lastTime(trace))
  const inner = width - 2 * PADDING
  const axis = axisOf(PADDING, inner - 8, until)
  const title = `dial ${trace.target.peer ?? 'by address'}`
  const result = resultOf(trace)
  const top = 84
  // pending bars end at the time of the trace, not at the end of the axis
  const rows = rowsOf(trace, { ...axis, end: Math.min(axis.end, trace.madeAt ?? axis.end) }, top, inner)
  const legend = drawLegend(PADDING, rows.bottom + 28, inner)
  const height = rows.bottom + 28 + legend.height

  return element('svg', {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: 'img',
    'aria-label': `${title}: ${result}`.slice(0, 400),
    class: 'dial-waterfall'
  }, [
    STYLE,
    element('rect', { width, height, rx: 6, class: 'back' }),
    textAt(PADDING, 28, clipMiddle(title, Math.floor(inner / BOLD)), { class: 'head' }),
    element('g', {}, tooltip(result) + textAt(PADDING, 48, clipEnd(result, inner / LETTER), { class: trace.outcome === 'running' ? 'flight' : trace.outcome === 'connected' ? 'connected' : 'failed' })),
    drawAxis(axis, 74, rows.chartBottom),
    trace.settledAt == null ? '' : element('line', { x1: axis.x(trace.settledAt), x2: axis.x(trace.settledAt), y1: 78, y2: rows.chartBottom, class: 'settled' }),
    rows.markup,
    legend.markup
  ].join('\n'))
}
