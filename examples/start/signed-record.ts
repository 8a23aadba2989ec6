import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { CODE_P2P } from '@multiformats/multiaddr'
import type { Peer } from './peer.ts'

/** Returns a record in which a peer signs its address. A peer store that consumes it marks the address as certified */
export async function signedRecord ({ node: { peerId }, privateKey, address }: Peer): Promise<Uint8Array> {
  // records hold addresses without the peer id
  const record = new PeerRecord({ peerId, multiaddrs: [address.decapsulateCode(CODE_P2P)] })
  const envelope = await RecordEnvelope.seal(record, privateKey)

  return envelope.marshal()
}
