import { SOURCE } from '../sources.ts'
import type { Attestation, Candidate } from '../types.ts'

/** What makes an address that */
const MAKES: Record<string, string> = {
  certified: ', although isCertified is not true: only a verified record makes an address that',
  dialled: ': only a connection makes an address that. The multiaddrs that the address book answers have it'
}

/** Whether nothing has made an address what it is said to be. Whoever says `isCertified` has verified the record */
function isFalse ({ source }: Attestation, isCertified: boolean, isDialled: boolean): boolean {
  return (source === SOURCE.certified && !isCertified) || (source === SOURCE.dialled && !isDialled)
}

/** What is wrong with the sources of a candidate that a source has found, in words; undefined: nothing. Only the address book knows of connections */
export function falseClaimIn ({ isCertified, provenance }: Candidate, isOfBook: boolean): string | undefined {
  const claim = provenance.find(one => isFalse(one, isCertified, isOfBook))?.source

  return claim == null ? undefined : `the source '${claim}'${MAKES[claim] ?? ''}`
}

/** The same candidate without what is true of the one that it was made of: nobody has signed it, or only that was dialled */
export function withoutFalseClaims (candidate: Candidate, from: Candidate): Candidate {
  const { isCertified, provenance } = candidate
  const isDialled = from.provenance.some(({ source }) => source === SOURCE.dialled)
  const rest = provenance.filter(one => !isFalse(one, isCertified, isDialled))

  return rest.length === provenance.length ? candidate : Object.freeze({ ...candidate, provenance: Object.freeze(rest) })
}
