import { RecordEnvelope } from '@libp2p/peer-record'
import { equals } from 'uint8arrays/equals'

/**
 * Returns whether two envelopes contain the same record. A relayer can change an envelope around the signed part, and some keys have many valid
 * signatures of the same bytes
 *
 * @param known an envelope that was opened before, as `next` was
 */
export function isSameRecord (known: Uint8Array, next: Uint8Array): boolean {
  return equals(known, next) || equals(RecordEnvelope.createFromProtobuf(known).payload, RecordEnvelope.createFromProtobuf(next).payload)
}
