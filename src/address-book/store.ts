import { peerIdFromString } from '@libp2p/peer-id'
import { RecordStore } from '../datastore/record-store.ts'
import { decode, encode, VERSION } from './codec.ts'
import type { Entries } from './entries.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Logger } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

/** Milliseconds from a change until it is written, with all others of that time */
const DELAY = 1_000

/** How many peers are read at once, or more where the book can have more: it may have had more before */
const MAX_READ = 100_000

/** Keeps a book in a datastore: one record a peer, so that a change is a small write, and a damaged one spoils no other */
export function bookStore (entries: Entries, datastore: Datastore, clock: Clock, log: Logger): RecordStore {
  const store = new RecordStore({
    datastore,
    clock,
    log,
    title: 'addresses',
    prefix: '/dial-pipeline/addresses/',
    version: VERSION,
    delay: DELAY,
    maxRead: Math.max(MAX_READ, entries.max),
    // in base32: a datastore may make a file name of it, and not every file system knows upper case from lower
    suffixOf: id => peerIdFromString(id).toCID().toString(),
    records: {
      has: id => entries.peers.get(id) != null || entries.floors.get(id, clock.now()) != null,
      encode: id => {
        const known = entries.known(id)

        return known == null ? undefined : encode(id, known, clock.now())
      },
      restore: (_, written) => {
        const { id, ...known } = decode(written, clock.now())

        if (!entries.restore(id, known)) {
          store.changed(id)
        }

        return id
      }
    }
  })

  return store
}
