import type { CandidateInit } from './candidate.ts'
import type { Candidate } from './types.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Who vouches for an address that a dial was given, where that is not its caller */
export interface AddressMark extends CandidateInit {
  /** The address comes with the dial. Sources that are asked where nothing is known are asked all the same */
  readonly isImplied?: boolean
}

const marks = new WeakMap<Multiaddr, AddressMark>()
const implied = new WeakSet<Candidate>()

export function markAddress (multiaddr: Multiaddr, mark: AddressMark): Multiaddr {
  marks.set(multiaddr, mark)

  return multiaddr
}

export function markOf (multiaddr: Multiaddr): AddressMark | undefined {
  return marks.get(multiaddr)
}

export function markImplied (candidate: Candidate): Candidate {
  implied.add(candidate)

  return candidate
}

export function isImplied (candidate: Candidate): boolean {
  return implied.has(candidate)
}
