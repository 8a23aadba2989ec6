import { RecordEnvelope } from '@libp2p/peer-record'
import { equals } from 'uint8arrays/equals'

/**
 * Returns whether two envelopes have the same record in them. Whoever passes an envelope on can change it around what was signed, and some
 * keys sign the same in many ways
 *
 * @param known - was opened before, as `next` was
 */
export function isSameRecord (known: Uint8Array, next: Uint8Array): boolean {
  return equals(known, next) || equals(RecordEnvelope.createFromProtobuf(known).payload, RecordEnvelope.createFromProtobuf(next).payload)
}
