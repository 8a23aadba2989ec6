import { SOURCE } from './sources.ts'
import type { AddressReport } from './flow.ts'

/** The reports of a pinned address without any, and of a candidate that was made without provenance */
const NOBODY: readonly AddressReport[] = [{ source: SOURCE.unknown }]

/** Returns the reports that name an address. A `dns` report only says where a name leads, and counts only without other reports */
export function namingReports (provenance: readonly AddressReport[]): readonly AddressReport[] {
  // shortcut: nearly all addresses have one report
  if (provenance.length === 1) {
    return provenance
  }

  const named = provenance.filter(({ source }) => source !== SOURCE.dns)

  return [named, provenance, NOBODY].find(({ length }) => length > 0) ?? NOBODY
}
