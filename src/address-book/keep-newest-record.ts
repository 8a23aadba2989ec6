import { isSameRecord } from '../records/is-same-record.ts'
import type { Book } from './book.ts'
import type { ConsumedRecord } from './types.ts'
import type { SignedRecord } from '../records/types.ts'

/** Keeps a verified record unless it is older than the known one. One synchronous step, so that the newest of concurrent records stays */
export function keepNewestRecord (book: Book, record: SignedRecord): ConsumedRecord {
  const { peerId, seq, envelope, skipped } = record
  const { entries } = book
  const known = entries.current(peerId.toString())?.record
  const minSeq = entries.minSeq(peerId.toString()) ?? 0n

  if (seq < minSeq) {
    return { status: 'refused', reason: 'replayed', text: `seq ${seq} is less than ${minSeq}, which is or was known` }
  }

  if (known?.seq === seq && !isSameRecord(known.envelope, envelope)) {
    return { status: 'refused', reason: 'conflicting', text: `another record of seq ${seq} is known` }
  }

  if (!book.keep(peerId, record, record.multiaddrs)) {
    return { status: 'refused', reason: 'full', text: 'there is no place for another peer' }
  }

  return { status: known?.seq === seq ? 'refreshed' : 'accepted', peerId, seq, skipped }
}
