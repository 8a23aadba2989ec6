import { candidate, Claim } from '../pipeline/candidate.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { nodeState } from '../pipeline/runtime/make-stage.ts'
import { onlyMultiaddrs } from '../pipeline/authoring/findings.ts'
import { KNOWN_OPTIONS, makeSource } from '../pipeline/authoring/source.ts'
import { SOURCE } from '../pipeline/sources.ts'
import { VerifiedRecords } from '../records/verified-records.ts'
import type { KnownOptions } from '../pipeline/authoring/source.ts'
import type { Candidate, Dial, Stage } from '../pipeline/types.ts'

/**
 * Creates a source that adds the addresses in the node's peer store. An address that is marked as certified has the source `peer-store` until a stage
 * looks at its signature. Then the node verifies the signed record in the peer store.
 *
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function fromPeerStore (init: KnownOptions = {}): Stage<'target' | 'candidates', 'candidates', 'from-peer-store'> {
  checkArguments('fromPeerStore()', arguments, 1)
  checkOptions('fromPeerStore()', init, KNOWN_OPTIONS)

  return makeSource('from-peer-store', [storedAddresses], init, { isLocal: true })
}

const STORED = Object.freeze({ source: SOURCE.peerStore })

/** Finds the addresses of the dialled peer. @throws the error of the peer store, except for an unknown peer */
export async function * storedAddresses (dial: Dial): AsyncGenerator<Candidate> {
  const { target: { peerId }, node, node: { peerStore }, signal } = dial

  if (peerId == null) {
    return
  }

  try {
    const { addresses, peerRecordEnvelope } = await peerStore.get(peerId, { signal })
    const claim = new Claim(() => nodeState(node, VerifiedRecords).of(peerId, peerRecordEnvelope, node.addressBook?.minSeq?.(peerId)))

    for (const address of addresses) {
      for (const multiaddr of onlyMultiaddrs([address?.multiaddr], dial)) {
        const one = candidate(multiaddr, peerId, { provenance: [address.isCertified ? claim : STORED] })

        if (address.isCertified) {
          claim.add(one)
        }

        yield one
      }
    }
  } catch (err: any) {
    if (err?.name !== 'NotFoundError') {
      throw err
    }
  }
}
