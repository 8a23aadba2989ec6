import { SOURCE } from './sources.ts'
import type { Candidate } from './types.ts'

/** Whether an address is said to be certified that no verified record names */
export function isFalselyCertified ({ isCertified, provenance }: Candidate): boolean {
  return !isCertified && provenance.some(({ source }) => source === SOURCE.certified)
}

/** The same candidate without that: what is made of a certified address was signed by nobody */
export function withoutFalseClaim (candidate: Candidate): Candidate {
  return isFalselyCertified(candidate)
    ? Object.freeze({ ...candidate, provenance: Object.freeze(candidate.provenance.filter(({ source }) => source !== SOURCE.certified)) })
    : candidate
}
