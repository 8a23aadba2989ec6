import { RecordEnvelope } from '@libp2p/peer-record'
import { equals } from 'uint8arrays/equals'
import type { SignedRecord } from './types.ts'

/**
 * - `newer` takes the place of the known record
 * - `same` is the known record: a reason to believe it longer
 * - `replayed` is older than the known record
 * - `conflicting` is another record of the same seq: the peer has signed both
 */
export type Supersession =
  { readonly verdict: 'newer' | 'same' } |
  { readonly verdict: 'replayed' | 'conflicting', readonly text: string }

type Sealed = Pick<SignedRecord, 'seq' | 'envelope'>

/**
 * What a record is to the one that is known of the same peer. Both have to be opened before. Pure: to compare and to keep
 * is one step only if nothing else happens to the peer in between.
 */
export function supersedes (known: Sealed | undefined, next: Sealed): Supersession {
  if (known == null || next.seq > known.seq) {
    return { verdict: 'newer' }
  }

  if (next.seq < known.seq) {
    return { verdict: 'replayed', text: `seq ${next.seq} is less than ${known.seq}, which is known` }
  }

  return isSame(known, next) ? { verdict: 'same' } : { verdict: 'conflicting', text: `another record of seq ${next.seq} is known` }
}

/** Whoever passes an envelope on can change it around what was signed, and some keys sign the same in many ways */
function isSame (known: Sealed, next: Sealed): boolean {
  return equals(known.envelope, next.envelope) || equals(payloadOf(known), payloadOf(next))
}

function payloadOf ({ envelope }: Sealed): Uint8Array {
  return RecordEnvelope.createFromProtobuf(envelope).payload
}
