export { withProvenance } from './with-provenance.ts'
export { withSource } from './with-source.ts'
export type { Provenance, ProvenanceStats } from './provenance.ts'
