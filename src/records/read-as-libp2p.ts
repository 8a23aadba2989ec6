import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'

/**
 * Reads a record as libp2p does where it lies in the peer store: unverified, at each identify of the peer. Undefined: that would throw, and
 * the identify with it
 */
export function readAsLibp2p (envelope: Uint8Array): PeerRecord | undefined {
  try {
    return PeerRecord.createFromProtobuf(RecordEnvelope.createFromProtobuf(envelope).payload)
  } catch {
    return undefined
  }
}
