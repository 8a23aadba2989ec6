import { SOURCE } from './sources.ts'
import type { Attestation } from './flow.ts'

/** The reports of a pinned address without any, and of a candidate that was made without provenance */
const NOBODY: readonly Attestation[] = [{ source: SOURCE.unknown }]

/** Returns the reports that name an address. A `dns` report only says where a name leads, and counts only without other reports */
export function namedBy (provenance: readonly Attestation[]): readonly Attestation[] {
  // shortcut: nearly all addresses have one report
  if (provenance.length === 1) {
    return provenance
  }

  const named = provenance.filter(({ source }) => source !== SOURCE.dns)

  return [named, provenance, NOBODY].find(({ length }) => length > 0) ?? NOBODY
}
