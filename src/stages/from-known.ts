import { sources } from '../pipeline/source.ts'
import { bookedAddresses } from './from-address-book.ts'
import { storedAddresses } from './from-peer-store.ts'
import type { SourceOptions } from '../pipeline/source.ts'
import type { StageInit } from '../pipeline/types.ts'

/**
 * All addresses of the peer that the node knows: those of its address book, where it has one, and those of its peer store. An
 * address that both have has the provenance of both. `when` says at what point: `always` at once, `empty` when there is none
 * above, `exhausted` when all above were dropped or have failed.
 */
export function fromKnown ({ when }: Pick<SourceOptions, 'when'> = {}): StageInit<'target' | 'candidates', 'candidates', 'from-known'> {
  return sources('from-known', [bookedAddresses, storedAddresses], { when })
}
