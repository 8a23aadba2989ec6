import { candidate } from '../pipeline/candidate.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { onlyMultiaddrs } from '../pipeline/only-multiaddrs.ts'
import { sources, WHEN } from '../pipeline/authoring/source.ts'
import type { SourceOptions } from '../pipeline/authoring/source.ts'
import type { Candidate, Dial, Stage } from '../pipeline/types.ts'

/**
 * The addresses that the node's peer store holds
 *
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function fromPeerStore (init: Pick<SourceOptions, 'when'> = {}): Stage<'target' | 'candidates', 'candidates', 'from-peer-store'> {
  checkArguments('fromPeerStore()', arguments, 1)
  checkOptions('fromPeerStore()', init, { when: WHEN })

  return sources('from-peer-store', [storedAddresses], init, { isLocal: true })
}

/** @throws what the peer store throws, but for a peer that it does not know */
export async function * storedAddresses (dial: Dial): AsyncGenerator<Candidate> {
  const { target: { peerId }, node: { peerStore }, signal } = dial

  if (peerId == null) {
    return
  }

  try {
    const { addresses } = await peerStore.get(peerId, { signal })

    for (const address of addresses) {
      for (const multiaddr of onlyMultiaddrs([address?.multiaddr], dial)) {
        yield candidate(multiaddr, peerId, { isCertified: address.isCertified, provenance: [{ source: address.isCertified ? 'certified' : 'peer-store' }] })
      }
    }
  } catch (err: any) {
    if (err?.name !== 'NotFoundError') {
      throw err
    }
  }
}
