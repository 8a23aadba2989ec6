import { readPeerId } from '../../address/peer-id.ts'
import type { Candidate, DialComponents } from '../../pipeline/types.ts'
import type { Connection, PeerData, PeerId } from '@libp2p/interface'

/** The keys of libp2p's own dialer, in a peer's metadata: milliseconds since the epoch, as text */
const SUCCESS = 'last-dial-success'
const FAILURE = 'last-dial-failure'

const encoder = new TextEncoder()

/** Never rejects. The address that answered is stored too */
export async function recordSuccess ({ remotePeer, remoteAddr }: Connection, components: DialComponents): Promise<void> {
  return record(remotePeer, { multiaddrs: [remoteAddr], metadata: { [SUCCESS]: timestamp(components) } }, components)
}

/** Not awaited: nobody's dial waits for what is only a note */
export function recordFailure ({ facts }: Candidate, components: DialComponents): void {
  const peer = readPeerId(facts.peer ?? '')

  if (peer != null) {
    void record(peer, { metadata: { [FAILURE]: timestamp(components) } }, components)
  }
}

async function record (peer: PeerId, data: PeerData, { peerStore, logger }: DialComponents): Promise<void> {
  try {
    await peerStore.merge(peer, data)
  } catch (err) {
    logger.forComponent('libp2p:dial-pipeline').error('could not store the outcome of the dial to %p - %e', peer, err)
  }
}

function timestamp ({ clock }: DialComponents): Uint8Array {
  return encoder.encode(Math.round(clock.now()).toString())
}
