export { withProvenance } from './with-provenance.ts'
export type { WithProvenance } from './with-provenance.ts'
export { withSource } from './with-source.ts'
export type { Provenance } from './provenance.ts'
