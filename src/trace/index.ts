export { renderWaterfall } from './svg.ts'
export type { WaterfallOptions } from './svg.ts'
