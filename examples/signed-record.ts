import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What a peer signs to say that these are its addresses; a peer store that consumes it holds them as certified */
export async function signedRecord (privateKey: PrivateKey, multiaddrs: Multiaddr[]): Promise<Uint8Array> {
  const record = new PeerRecord({ peerId: peerIdFromPrivateKey(privateKey), multiaddrs })
  const envelope = await RecordEnvelope.seal(record, privateKey)

  return envelope.marshal()
}
