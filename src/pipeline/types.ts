export type * from './attempt-types.ts'
export type * from './dial-components.ts'
export type * from './flow.ts'
export type * from './stage-types.ts'
