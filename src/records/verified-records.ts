import { equals } from 'uint8arrays/equals'
import { Bounded } from '../pipeline/bounded.ts'
import { candidate } from '../pipeline/candidate.ts'
import { isThenable } from '../pipeline/foreign-promises.ts'
import { MAX_RECORD_SIZE, openRecord } from './open-record.ts'
import type { CertifiedAddresses, Proof } from '../pipeline/candidate.ts'
import type { PeerId } from '@libp2p/interface'

/** The maximum number of peers with a verified record in memory; at least half as many are kept, at most 16 MiB */
const MAX_PEERS = 2_000

interface Verified {
  /** The verified bytes. An envelope with any other bytes is verified again */
  readonly envelope: Uint8Array
  proof: Proof
}

/** Verifies the signed records of peers, and caches the results, also those of invalid records */
export class VerifiedRecords {
  readonly #peers = new Bounded<Verified>(MAX_PEERS)

  /**
   * Returns the addresses that a record proves. A promise while the signature is being verified
   *
   * @param envelope the bytes of an untrusted record
   * @param minSeq the minimum sequence number: an older record proves nothing
   */
  of (peerId: PeerId, envelope: Uint8Array | undefined, minSeq?: bigint): Proof {
    if (!(envelope instanceof Uint8Array) || envelope.byteLength > MAX_RECORD_SIZE) {
      return undefined
    }

    const id = peerId.toString()
    const known = this.#peers.get(id)
    const verified = known != null && equals(known.envelope, envelope) ? known : verify(peerId, Uint8Array.from(envelope))
    this.#peers.set(id, verified)

    return minSeq == null ? verified.proof : notBefore(minSeq, verified.proof)
  }
}

function notBefore (minSeq: bigint, proof: Proof): Proof {
  if (isThenable(proof)) {
    return proof.then(async one => notBefore(minSeq, one))
  }

  return proof != null && proof.seq < minSeq ? undefined : proof
}

function verify (peerId: PeerId, envelope: Uint8Array): Verified {
  const verified: Verified = {
    envelope,
    proof: certifiedBy(peerId, envelope).then(proof => {
      verified.proof = proof

      return proof
    })
  }

  return verified
}

async function certifiedBy (peerId: PeerId, envelope: Uint8Array): Promise<CertifiedAddresses | undefined> {
  const opened = await openRecord(envelope, { expectedPeer: peerId })

  return opened.status === 'opened'
    ? { seq: opened.record.seq, ids: new Set(opened.record.multiaddrs.map(one => candidate(one, peerId).id)) }
    : undefined
}
