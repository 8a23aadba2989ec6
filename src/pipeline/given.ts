import type { Candidate } from './types.ts'

/** The caller of the dial named it, or a name that resolves to it */
export function isGiven ({ provenance }: Candidate): boolean {
  return provenance.some(({ source }) => source === 'user')
}
