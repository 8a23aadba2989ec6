import { openRecord } from '../records/open-record.ts'
import { supersedes } from '../records/supersedes.ts'
import type { Book } from './book.ts'
import type { PeerStoreLink } from './peer-store-link.ts'
import type { ConsumedRecord } from './types.ts'
import type { OpenRecordOptions, SignedRecord } from '../records/types.ts'

/**
 * Opens a signed record and has the book keep it where it is not older than what is known. To verify takes time; to compare
 * and to keep is one synchronous step, so that of any number at once the newest stays, whatever the order.
 *
 * @param link where it is written to the peer store too
 */
export async function consume (book: Book, bytes: Uint8Array, self: string, options: OpenRecordOptions, link?: Pick<PeerStoreLink, 'consume'>): Promise<ConsumedRecord> {
  const opened = await openRecord(bytes, options)

  if (opened.status === 'refused') {
    return opened
  }

  if (opened.record.peerId.toString() === self) {
    return { status: 'refused', reason: 'own', text: 'a record of this node' }
  }

  const keep = (record: SignedRecord): ConsumedRecord => keepNewest(book, record)

  return link == null ? keep(opened.record) : link.consume(opened.record, keep)
}

function keepNewest (book: Book, record: SignedRecord): ConsumedRecord {
  const { peerId, seq, skipped } = record
  const { entries } = book
  const known = entries.current(peerId.toString())?.record
  const floor = entries.floors.get(peerId.toString(), entries.now)
  const supersession = supersedes(known, record)

  if (supersession.verdict === 'replayed' || supersession.verdict === 'conflicting') {
    return { status: 'refused', reason: supersession.verdict, text: supersession.text }
  }

  if (floor != null && seq < floor.seq) {
    return { status: 'refused', reason: 'replayed', text: `seq ${seq} is less than ${floor.seq}, which was known` }
  }

  if (!book.keep(peerId, record, record.multiaddrs)) {
    return { status: 'refused', reason: 'full', text: 'there is no place for another peer' }
  }

  return { status: supersession.verdict === 'same' ? 'refreshed' : 'accepted', peerId, seq, skipped }
}
