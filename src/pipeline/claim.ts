import { SOURCE } from './sources.ts'
import type { AddressReport, Candidate } from './flow.ts'

/** The sequence number and the addresses of a signed record whose signature is verified */
export interface CertifiedAddresses {
  readonly seq: bigint
  /** The ids of the candidates */
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

/** Replaces a claim that could not be verified */
const UNPROVEN: AddressReport = Object.freeze({ source: SOURCE.peerStore })

export function isClaim (report: AddressReport): report is Claim {
  return report instanceof Claim
}

/** Returns the claim that the peer signed a candidate. Undefined: there is none, or the candidate is certified already */
export function claimOf (candidate: Candidate): Claim | undefined {
  return candidate.isCertified ? undefined : candidate.provenance.find((one): one is Claim => isClaim(one) && one.isFor(candidate))
}

/** Returns a candidate with its claim replaced by the result of the verification */
export function withVerifiedClaim (candidate: Candidate, proof: CertifiedAddresses | undefined): Candidate {
  const isCertified = proof?.ids.has(candidate.id) === true
  const instead = isCertified ? { source: SOURCE.certified, seq: proof.seq } : UNPROVEN

  return Object.freeze({ ...candidate, isCertified, provenance: Object.freeze(candidate.provenance.map(one => isClaim(one) ? instead : one)) })
}

/** Returns whether a claim for a candidate could not be verified */
export function isUnproven ({ provenance }: Candidate): boolean {
  return provenance.includes(UNPROVEN)
}

/** Returns a candidate as libp2p's own dialer sees it: that dialer believes the claims of the peer store */
export function asAddress (candidate: Candidate): Candidate {
  return claimOf(candidate) == null ? candidate : Object.freeze({ ...candidate, isCertified: true })
}
