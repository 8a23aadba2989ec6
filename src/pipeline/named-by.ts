import { SOURCE } from './sources.ts'
import type { Attestation } from './types.ts'

/** Who named an address. Whoever looked its name up only says where the name leads: that counts where nothing else is known */
export function namedBy (provenance: readonly Attestation[]): readonly Attestation[] {
  const named = provenance.filter(({ source }) => source !== SOURCE.dns)

  return named.length > 0 ? named : provenance
}
