export { broken } from './broken.ts'
export { nothingLeft } from './nothing-left.ts'
export { passes, sameObjects } from './passes.ts'
