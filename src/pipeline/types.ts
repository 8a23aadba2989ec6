export type * from './dial-components.ts'
export type * from './dial-types.ts'
export type * from './flow.ts'
