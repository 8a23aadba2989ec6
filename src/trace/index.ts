/**
 * Renders what happened in a dial, as text and as a picture. A trace is plain JSON. `dialer.traces()` returns traces, and the event
 * `dial:end` and the property `trace` of an error have one. Runs in browsers.
 *
 * @example
 *
 * ```ts
 * import { renderTrace } from 'libp2p-dial-pipeline/trace'
 *
 * console.log(renderTrace(error.trace, { width: 80 }))
 * ```
 *
 * @module libp2p-dial-pipeline/trace
 */

export { renderWaterfall } from './svg.ts'
export type { RenderWaterfallInit } from './svg.ts'
export { renderTrace } from './text.ts'
export type { RenderTraceInit } from './text.ts'
export { renderPlan } from './plan-text.ts'
export type * from './plan.ts'
export type * from './types.ts'
