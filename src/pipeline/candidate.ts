import { CODE_P2P, multiaddr } from '@multiformats/multiaddr'
import { Facts } from '../address/facts.ts'
import { isCanonical } from '../address/peer-id.ts'
import { SOURCE } from './sources.ts'
import type { PeerId } from '@libp2p/interface'
import type { Component, Multiaddr } from '@multiformats/multiaddr'
import type { AddressReport, Candidate } from './flow.ts'

/** The maximum number of bytes of a multiaddr that is kept. A DNS name has at most 253 */
export const MAX_ADDRESS_BYTES = 1_024

/** A text of up to 256 characters is below the cap: a character has 3 bytes at most */
const SHORT = 256

/** The reports of a candidate, beside its multiaddr */
export interface CandidateInit {
  /** Whether the peer has signed the address @default false */
  isCertified?: boolean | undefined
  /** The sources that report the address. Default: none */
  provenance?: readonly AddressReport[] | undefined
}

/**
 * Makes a candidate, unchecked. An address that does not end in a peer id gets `peerId` appended, so that both ways to write the address are one
 * candidate
 */
export function candidate (address: Multiaddr, peerId?: PeerId, init: CandidateInit = {}): Candidate {
  const given = address.getComponents()
  const one = given.some(isMisspelt) ? rewritten(address) : address
  const components = one === address ? given : one.getComponents()
  const isWhole = peerId == null || components.at(-1)?.code === CODE_P2P
  const whole = isWhole ? components : [...components, { code: CODE_P2P, name: 'p2p', value: peerId.toString() }]
  const normalised = isWhole ? one : multiaddr(whole)

  return Object.freeze({
    id: normalised.toString(),
    multiaddr: normalised,
    facts: new Facts(normalised, whole),
    isCertified: init.isCertified ?? false,
    provenance: frozenReports(init.provenance ?? [])
  })
}

// frozen reports are kept without a copy, as those of the caller's addresses
function frozenReports (reports: readonly AddressReport[]): readonly AddressReport[] {
  return Object.isFrozen(reports) && reports.every(Object.isFrozen) ? reports : Object.freeze(reports.map(frozen))
}

function frozen (report: AddressReport): AddressReport {
  return Object.isFrozen(report) ? report : Object.freeze({ ...report })
}

/** Returns whether a component is a name with slashes, or a peer id written as a CID */
function isMisspelt ({ code, value = '' }: Component): boolean {
  return value.includes('/') || (code === CODE_P2P && !isCanonical(value))
}

/** Returns the address that the text of an address says. Made from bytes, a name with slashes reads as another address, which it would replace in a list */
function rewritten (address: Multiaddr): Multiaddr {
  try {
    return multiaddr(multiaddr(address.bytes).toString())
  } catch {
    return address
  }
}

export const TOO_LONG = `longer than ${MAX_ADDRESS_BYTES} bytes`

/** Returns whether an address is above the cap, or cannot be read */
export function isOversized (address: Multiaddr | string): boolean {
  try {
    return address.toString().length > SHORT && (typeof address === 'string' ? multiaddr(address) : address).bytes.byteLength > MAX_ADDRESS_BYTES
  } catch {
    return true
  }
}

const NOWHERE = multiaddr([])

/** Returns a short stand-in for a candidate that is too long: the story of the dial would keep its whole text */
export function abbreviate ({ id }: Candidate): Candidate {
  return Object.freeze({
    id: `${id.slice(0, 64)}… (${id.length} characters)`,
    multiaddr: NOWHERE,
    facts: new Facts(NOWHERE),
    isCertified: false,
    provenance: Object.freeze([])
  })
}

/** Merges two candidates of one address. Returns the first one as it is when the second adds nothing */
export function merge<T extends Pick<Candidate, 'isCertified' | 'provenance'>> (first: T, second: Pick<T, 'isCertified' | 'provenance'>): T {
  const news = second.provenance.filter(one => !first.provenance.some(known => isSameReport(known, one) && (isClaim(known) || !isClaim(one))))

  if (news.length === 0 && (first.isCertified || !second.isCertified)) {
    return first
  }

  return Object.freeze({
    ...first,
    isCertified: first.isCertified || second.isCertified,
    // a claim replaces the plain report of the peer store: it says more
    provenance: Object.freeze([...first.provenance.filter(known => !news.some(one => isSameReport(known, one))), ...news])
  })
}

function isSameReport (a: AddressReport, b: AddressReport): boolean {
  return a.source === b.source && a.reporter === b.reporter
}

export function isCandidate (value: unknown): value is Candidate {
  return typeof value === 'object' && Object.isFrozen(value) && typeof (value as Candidate | null)?.id === 'string' && (value as Candidate).multiaddr != null
}

/** Returns whether the caller of the dial named the address, or a name that resolves to it */
export function isNamedByCaller ({ provenance }: Candidate): boolean {
  return provenance.some(({ source }) => source === 'user')
}

/** Returns the peer id at the end of an address, as a string. Undefined: the address names no peer */
export function peerOf (address: Multiaddr): string | undefined {
  return peerIn(address.getComponents())
}

/** Returns the text of an address without the peer id at its end */
export function withoutPeer (address: string): string {
  return address.replace(/\/p2p\/[^/]+$/, '')
}

export function peerIn (components: readonly Component[]): string | undefined {
  return components.findLast(({ code }) => code === CODE_P2P)?.value
}

/** Merges candidates with a cache: equal pairs give the same object */
export class MergedOnce {
  readonly #merged = new WeakMap<Candidate, WeakMap<Candidate, Candidate>>()

  merge (first: Candidate, second: Candidate): Candidate {
    const ofFirst = this.#merged.get(first) ?? new WeakMap<Candidate, Candidate>()
    const both = ofFirst.get(second) ?? merge(first, second)
    this.#merged.set(first, ofFirst.set(second, both))

    return both
  }
}

/** How an address gets a proven source, as the end of an error */
const MAKES: Record<string, string> = {
  certified: ', although isCertified is not true: only a verified record makes an address that',
  dialled: ': only a connection makes an address that. The multiaddrs that the address book answers have it'
}

/** Returns whether a report has a proven source without the proof. `isCertified` counts as proof: its writer has verified the record */
function isFalse ({ source }: AddressReport, isCertified: boolean, isDialled: boolean): boolean {
  return (source === SOURCE.certified && !isCertified) || (source === SOURCE.dialled && !isDialled)
}

/** Returns the false claim of a candidate that a source has found, in words. Undefined: none. Only the address book may report `dialled` */
export function falseClaimIn ({ isCertified, provenance }: Candidate, isOfBook: boolean): string | undefined {
  const claim = provenance.find(one => isFalse(one, isCertified, isOfBook))?.source

  return claim == null ? undefined : `the source '${claim}'${MAKES[claim] ?? ''}`
}

/** Returns a candidate without the proven sources of the candidate that it was made from: only the original was signed or dialled */
export function withoutFalseClaims (candidate: Candidate, from: Candidate): Candidate {
  const { isCertified, provenance } = candidate
  const isDialled = from.provenance.some(({ source }) => source === SOURCE.dialled)
  const rest = provenance.filter(one => !isFalse(one, isCertified, isDialled))

  return rest.length === provenance.length ? candidate : Object.freeze({ ...candidate, provenance: Object.freeze(rest) })
}

/** The sequence number and the addresses of a signed record whose signature is verified */
export interface CertifiedAddresses {
  readonly seq: bigint
  readonly ids: ReadonlySet<string>
}

/** The verified record of a claim. Undefined: no signed record of the peer proves the claim. A promise: the signature is being verified */
export type Proof = CertifiedAddresses | undefined | Promise<CertifiedAddresses | undefined>

/**
 * A claim of the peer store that the peer signed its addresses. Every writer to the peer store can claim that, so the claim has the trust of
 * the source `peer-store` until a stage has it verified
 */
export class Claim implements AddressReport {
  readonly source = SOURCE.peerStore
  readonly #ids = new Set<string>()
  readonly #prove: () => Proof

  constructor (prove: () => Proof) {
    this.#prove = prove
    Object.freeze(this)
  }

  /** Makes the claim for a candidate. Other candidates may share its provenance, as a DNS answer does: the claim is not made for them */
  add ({ id }: Candidate): void {
    this.#ids.add(id)
  }

  isFor ({ id }: Pick<Candidate, 'id'>): boolean {
    return this.#ids.has(id)
  }

  prove (): Proof {
    return this.#prove()
  }
}

const UNPROVEN: AddressReport = Object.freeze({ source: SOURCE.peerStore })

function isClaim (report: AddressReport): report is Claim {
  return report instanceof Claim
}

/** Returns the claim that the peer signed a candidate. Undefined: there is none, or the candidate is certified already */
export function claimOf (candidate: Candidate): Claim | undefined {
  return candidate.isCertified ? undefined : candidate.provenance.find((one): one is Claim => isClaim(one) && one.isFor(candidate))
}

export function withVerifiedClaim (candidate: Candidate, proof: CertifiedAddresses | undefined): Candidate {
  const isCertified = proof?.ids.has(candidate.id) === true
  const instead = isCertified ? Object.freeze({ source: SOURCE.certified, seq: proof.seq }) : UNPROVEN

  return Object.freeze({ ...candidate, isCertified, provenance: Object.freeze(candidate.provenance.map(one => isClaim(one) ? instead : one)) })
}

export function isUnproven ({ provenance }: Candidate): boolean {
  return provenance.includes(UNPROVEN)
}

/** Returns a candidate as libp2p's own dialer sees it: that dialer believes the claims of the peer store */
export function asAddress (candidate: Candidate): Candidate {
  return claimOf(candidate) == null ? candidate : Object.freeze({ ...candidate, isCertified: true })
}
