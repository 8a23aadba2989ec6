import { equals } from 'uint8arrays/equals'
import { Bounded } from '../pipeline/bounded.ts'
import { candidate } from '../pipeline/candidate.ts'
import { isThenable } from '../pipeline/foreign-promises.ts'
import { MAX_RECORD_SIZE, openRecord } from './open-record.ts'
import type { CertifiedAddresses, Proof } from '../pipeline/claim.ts'
import type { PeerId } from '@libp2p/interface'

/** How many peers have their verified record in memory: 1,000 or more, at most 16 MiB of them */
const MAX_PEERS = 2_000

interface Verified {
  /** All of it: whoever changes what the signature is over has another envelope */
  readonly envelope: Uint8Array
  proof: Proof
}

/** What the signed records of peers prove. Each is verified once, also where it proves nothing */
export class VerifiedRecords {
  readonly #peers = new Bounded<Verified>(MAX_PEERS)

  /**
   * @param envelope of whatever origin
   * @param minSeq a record with a lower sequence number proves nothing
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
