export { certifiedOnly } from './certified-only.ts'
export { staggered } from './staggered.ts'
export { stock } from './stock.ts'
