import { SOURCE } from './sources.ts'
import type { Attestation } from './flow.ts'

/** Of a pinned address that nobody reports, and of a candidate that was made without provenance */
const NOBODY: readonly Attestation[] = [{ source: SOURCE.unknown }]

/** Who named an address. Whoever looked its name up only says where the name leads: that counts where nothing else is known */
export function namedBy (provenance: readonly Attestation[]): readonly Attestation[] {
  // nearly all have one
  if (provenance.length === 1) {
    return provenance
  }

  const named = provenance.filter(({ source }) => source !== SOURCE.dns)

  return [named, provenance, NOBODY].find(({ length }) => length > 0) ?? NOBODY
}
