export { declaresItself } from './init.ts'
export { nothingAfterLeaving, nothingAfterTheEnd } from './nothing-left.ts'
export { endsWithTheSignal } from './signal.ts'
export { onlyTheDialsClock, yieldsByItself } from './time.ts'
