import type { Candidate, DialComponents } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { peerOf } from '../pipeline/candidate.ts'

/** The keys of libp2p's own dialer, in a peer's metadata: milliseconds since the epoch, as text */
const SUCCESS = 'last-dial-success'
const FAILURE = 'last-dial-failure'

/** Never rejects. The address that answered is stored too */
export async function recordSuccess (connection: Connection, { peerStore, clock, logger }: DialComponents): Promise<void> {
  try {
    await peerStore.merge(connection.remotePeer, {
      multiaddrs: [connection.remoteAddr],
      metadata: { [SUCCESS]: timestamp(clock.now()) }
    })
  } catch (err) {
    logger.forComponent('libp2p:dial-pipeline').error('could not store the success of the dial to %p - %e', connection.remotePeer, err)
  }
}

/** Not awaited: nobody's dial waits for what is only a note */
export function recordFailure ({ multiaddr }: Candidate, { peerStore, clock, logger }: DialComponents): void {
  const peer = peerOf(multiaddr)

  if (peer == null) {
    return
  }

  peerStore.merge(peerIdFromString(peer), { metadata: { [FAILURE]: timestamp(clock.now()) } }).catch(err => {
    logger.forComponent('libp2p:dial-pipeline').error('could not store the failure of the dial to %s - %e', peer, err)
  })
}

function timestamp (ms: number): Uint8Array {
  return new TextEncoder().encode(Math.round(ms).toString())
}
