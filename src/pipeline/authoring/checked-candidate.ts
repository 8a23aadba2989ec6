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
 * Makes a candidate. Where the address does not end in a peer id, that of the peer to be dialled is appended, so that
 * two ways to write an address are one candidate.
 *
 * @throws InvalidPipelineError for what is not a multiaddr or not a peer id, and for an unknown or wrong option
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
 * Returns the peer that an address leads to, undefined where it does not say
 *
 * @throws InvalidPipelineError for what is not a multiaddr
 */
export function checkedPeerOf (address: Multiaddr): string | undefined {
  checkValue('peerOf()', address, MULTIADDR)

  return peerOf(address)
}
