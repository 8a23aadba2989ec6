import { candidate } from '../pipeline/candidate.ts'
import { source } from '../pipeline/source.ts'
import type { SourceOptions } from '../pipeline/source.ts'
import type { Candidate, Dial, DialComponents, StageInit } from '../pipeline/types.ts'

/** The addresses that the node's peer store holds */
export function fromPeerStore ({ when }: Pick<SourceOptions, 'when'> = {}): StageInit<'target' | 'candidates', 'candidates', 'from-peer-store'> {
  return source('from-peer-store', storedAddresses, { when })
}

/** @throws what the peer store throws, but for a peer that it does not know */
export async function * storedAddresses ({ target: { peerId }, signal }: Dial, { peerStore }: DialComponents): AsyncGenerator<Candidate> {
  if (peerId == null) {
    return
  }

  try {
    const { addresses } = await peerStore.get(peerId, { signal })

    for (const { multiaddr, isCertified } of addresses) {
      yield candidate(multiaddr, peerId, { isCertified, provenance: [{ source: isCertified ? 'certified' : 'peer-store' }] })
    }
  } catch (err: any) {
    if (err?.name !== 'NotFoundError') {
      throw err
    }
  }
}
