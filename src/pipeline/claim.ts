import { SOURCE } from './sources.ts'
import type { Attestation, Candidate } from './flow.ts'

/** What a signed record names, once its signature is verified */
export interface CertifiedAddresses {
  readonly seq: bigint
  /** The identities of candidates */
  readonly ids: ReadonlySet<string>
}

/** Undefined: no signed record of the peer proves anything. A promise where the signature has yet to be verified */
export type Proof = CertifiedAddresses | undefined | Promise<CertifiedAddresses | undefined>

/**
 * The peer store says that a peer has signed addresses. Whoever writes to the peer store can say so: a claim is worth as much as the source
 * `peer-store` until a stage that asks has it proved
 */
export class Claim implements Attestation {
  readonly source = SOURCE.peerStore
  readonly #ids = new Set<string>()
  readonly #prove: () => Proof

  constructor (prove: () => Proof) {
    this.#prove = prove
  }

  /** The claim is made for a candidate too. One that is made of another, as by a DNS answer, has its provenance, and is not meant */
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

/** Stands for a claim that nothing has proved */
const UNPROVEN: Attestation = Object.freeze({ source: SOURCE.peerStore })

export function isClaim (attestation: Attestation): attestation is Claim {
  return attestation instanceof Claim
}

/** The claim that the peer has signed a candidate. Undefined: nobody says so, or it is proved */
export function claimOf (candidate: Candidate): Claim | undefined {
  return candidate.isCertified ? undefined : candidate.provenance.find((one): one is Claim => isClaim(one) && one.isFor(candidate))
}

/** The candidate of a claim, once there is a proof, or none */
export function judged (candidate: Candidate, proof: CertifiedAddresses | undefined): Candidate {
  const isCertified = proof?.ids.has(candidate.id) === true
  const instead = isCertified ? { source: SOURCE.certified, seq: proof.seq } : UNPROVEN

  return Object.freeze({ ...candidate, isCertified, provenance: Object.freeze(candidate.provenance.map(one => isClaim(one) ? instead : one)) })
}

/** Whether somebody has claimed that the peer signed a candidate, and nothing has proved it */
export function isUnproven ({ provenance }: Candidate): boolean {
  return provenance.includes(UNPROVEN)
}

/** A candidate as libp2p's own dialer has it, which believes the peer store */
export function asAddress (candidate: Candidate): Candidate {
  return claimOf(candidate) == null ? candidate : Object.freeze({ ...candidate, isCertified: true })
}
