import { CODE_P2P, multiaddr } from '@multiformats/multiaddr'
import { Facts } from '../address/facts.ts'
import { isCanonical } from '../address/peer-id.ts'
import { isClaim } from './claim.ts'
import { SOURCE } from './sources.ts'
import type { PeerId } from '@libp2p/interface'
import type { Component, Multiaddr } from '@multiformats/multiaddr'
import type { Attestation, Candidate } from './types.ts'

/** The bytes of a multiaddr that is kept, at most. A DNS name has 253 */
export const MAX_ADDRESS_BYTES = 1_024

/** An address of so many characters has fewer bytes than that: 3 a character at most */
const SHORT = 256

/** Facts to make a candidate from */
export interface CandidateInit {
  isCertified?: boolean
  provenance?: readonly Attestation[]
}

/**
 * Makes a candidate. Where the address does not end in a peer id, that of the peer to be dialled is appended, so that
 * two ways to write an address are one candidate.
 */
export function candidate (address: Multiaddr, peerId?: PeerId, init: CandidateInit = {}): Candidate {
  const given = address.getComponents()
  const one = isCanonical(peerIn(given) ?? '1') ? address : rewritten(address)
  const components = one === address ? given : one.getComponents()
  const isWhole = peerId == null || components.at(-1)?.code === CODE_P2P
  const whole = isWhole ? components : [...components, { code: CODE_P2P, name: 'p2p', value: peerId.toString() }]
  const normalised = isWhole ? one : multiaddr(whole)

  return Object.freeze({
    id: normalised.toString(),
    multiaddr: normalised,
    facts: new Facts(normalised, whole),
    isCertified: init.isCertified ?? false,
    provenance: Object.freeze([...init.provenance ?? []])
  })
}

/** Returns an address whose peer id is not written as a CID: bytes say nothing of how it was written */
function rewritten (address: Multiaddr): Multiaddr {
  try {
    return multiaddr(address.bytes)
  } catch {
    return address
  }
}

/** Why an address is dropped that is longer than any that is kept */
export const TOO_LONG = `longer than ${MAX_ADDRESS_BYTES} bytes`

/** Whether an address is longer than any that is kept, or its bytes cannot be told */
export function isOversized (address: Multiaddr | string): boolean {
  try {
    return address.toString().length > SHORT && (typeof address === 'string' ? multiaddr(address) : address).bytes.byteLength > MAX_ADDRESS_BYTES
  } catch {
    return true
  }
}

export function isTooLong ({ multiaddr }: Pick<Candidate, 'multiaddr'>): boolean {
  return isOversized(multiaddr)
}

const NOWHERE = multiaddr([])

/** Stands for a candidate that is too long, where something is told of it: its text would be kept with the story of the dial */
export function abbreviated ({ id }: Candidate): Candidate {
  return Object.freeze({
    id: `${id.slice(0, 64)}… (${id.length} characters)`,
    multiaddr: NOWHERE,
    facts: new Facts(NOWHERE),
    isCertified: false,
    provenance: Object.freeze([])
  })
}

/** Two reports of one address as one. The first is returned as it is when the second adds nothing */
export function merge<T extends Pick<Candidate, 'isCertified' | 'provenance'>> (first: T, second: Pick<T, 'isCertified' | 'provenance'>): T {
  const news = second.provenance.filter(one => !first.provenance.some(known => isSameReport(known, one) && (isClaim(known) || !isClaim(one))))

  if (news.length === 0 && (first.isCertified || !second.isCertified)) {
    return first
  }

  return Object.freeze({
    ...first,
    isCertified: first.isCertified || second.isCertified,
    // a claim says more than that the peer store has the address
    provenance: Object.freeze([...first.provenance.filter(known => !news.some(one => isSameReport(known, one))), ...news])
  })
}

function isSameReport (a: Attestation, b: Attestation): boolean {
  return a.source === b.source && a.reporter === b.reporter
}

/** Whether two candidates of one address say the same */
export function saysTheSame (a: Candidate, b: Candidate): boolean {
  return merge(a, b) === a && merge(b, a) === b
}

export function isCandidate (value: unknown): value is Candidate {
  return typeof value === 'object' && Object.isFrozen(value) && typeof (value as Candidate | null)?.id === 'string' && (value as Candidate).multiaddr != null
}

/** The caller of the dial named it, or a name that resolves to it */
export function isGiven ({ provenance }: Candidate): boolean {
  return provenance.some(({ source }) => source === 'user')
}

/** The peer that an address leads to, undefined where it does not say */
export function peerOf (address: Multiaddr): string | undefined {
  return peerIn(address.getComponents())
}

export function peerIn (components: readonly Component[]): string | undefined {
  for (let i = components.length - 1; i >= 0; i--) {
    if (components[i]?.code === CODE_P2P) {
      return components[i]?.value
    }
  }
}

/** Merges candidates: one stays the same object as long as it says the same */
export class MergedOnce {
  readonly #merged = new WeakMap<Candidate, WeakMap<Candidate, Candidate>>()

  merge (first: Candidate, second: Candidate): Candidate {
    const ofFirst = this.#merged.get(first) ?? new WeakMap<Candidate, Candidate>()
    const both = ofFirst.get(second) ?? merge(first, second)
    this.#merged.set(first, ofFirst.set(second, both))

    return both
  }
}

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
