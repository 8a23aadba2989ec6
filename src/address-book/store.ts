import { peerIdFromString } from '@libp2p/peer-id'
import { RecordStore } from '../datastore/record-store.ts'
import { decode, encode, VERSION } from './codec.ts'
import type { Entries } from './entries.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Logger } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

/** Milliseconds from a change to the write, which includes all other changes until then */
const DELAY = 1_000

/** The maximum number of stored peers that are read at once: a book may have been larger before */
const MAX_READ = 100_000

/**
 * Stores a book in a datastore with one record per peer: a change is a small write, and a damaged record affects one peer only
 *
 * @param self the peer id of the node as a string. Another node of the datastore may have stored a record of it, which is not read
 */
export function bookStore (entries: Entries, self: string, datastore: Datastore, clock: Clock, log: Logger): RecordStore {
  const store = new RecordStore({
    datastore,
    clock,
    log,
    title: 'addresses',
    prefix: '/dial-pipeline/addresses/',
    version: VERSION,
    delay: DELAY,
    maxRead: Math.max(MAX_READ, entries.max),
    // in base32: a datastore may use it as a file name, and some file systems ignore case
    suffixOf: id => peerIdFromString(id).toCID().toString(),
    records: {
      has: id => entries.peers.get(id) != null || entries.floors.get(id, clock.now()) != null,
      encode: id => {
        const known = entries.known(id)

        return known == null ? undefined : encode(id, known, clock.now())
      },
      restore: (_, written) => {
        const { id, ...known } = decode(written, clock.now())

        if (id !== self && !entries.restore(id, known)) {
          store.changed(id)
        }

        return id
      }
    }
  })

  return store
}
