import { candidate, peerOf } from '../candidate.ts'
import { checkArguments, checkOptions, checkValue } from '../check-options.ts'
import { BOOLEAN, listOf, MULTIADDR, NAME, PEER_ID } from '../option-kinds.ts'
import type { CandidateInit } from '../candidate.ts'
import type { Candidate } from '../types.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const INIT = {
  isCertified: BOOLEAN,
  provenance: listOf('{ source }', { expected: '{ source }', test: value => NAME.test((value as { source?: unknown } | null)?.source) })
}

/**
 * Makes a candidate from a multiaddr. An address that does not end in a peer id gets `peerId` appended, so that both ways to write the
 * address are one candidate.
 *
 * @param peerId the peer that the dial wants
 * @param init whether the peer signed the address, and its reports
 * @throws InvalidPipelineError for an `address` that is not a multiaddr, a `peerId` that is not a peer id, and an unknown or wrong option
 */
export function checkedCandidate (address: Multiaddr, peerId?: PeerId, init: CandidateInit = {}): Candidate {
  checkArguments('candidate()', arguments, 3)
  checkValue('candidate()', address, MULTIADDR)

  if (peerId !== undefined) {
    checkValue('candidate()', peerId, PEER_ID)
  }

  checkOptions('candidate()', init, INIT)

  return candidate(address, peerId, init)
}

/**
 * Returns the peer id at the end of an address, as a string. Undefined: the address names no peer
 *
 * @throws InvalidPipelineError if the argument is not a multiaddr
 */
export function checkedPeerOf (address: Multiaddr): string | undefined {
  checkValue('peerOf()', address, MULTIADDR)

  return peerOf(address)
}
