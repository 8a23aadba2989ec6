import { peerIdFromString } from '@libp2p/peer-id'
import { Key } from 'interface-datastore/key'
import { readRecords } from '../datastore/read-records.ts'
import { WriteBehind } from '../datastore/write-behind.ts'
import { decode } from './codec.ts'
import type { Book } from './book.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Logger } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

const PREFIX = '/dial-pipeline/book/v1'

/** Milliseconds from a change until it is written, with all others of that time */
const DELAY = 1_000

/** How many peers are written at once */
const BATCH = 1_000

/** What is read at most: the book may have had more peers before */
const MAX_RECORDS = 100_000

/** Keeps a book in a datastore: one value a peer, so that a change is a small write, and a damaged one spoils no other */
export class BookStore {
  readonly #book: Book
  readonly #datastore: Datastore
  readonly #clock: Clock
  readonly #log: Logger
  /** The peers that have changed since they were written */
  readonly #changed = new Set<string>()
  readonly #behind: WriteBehind

  constructor (book: Book, datastore: Datastore, clock: Clock, log: Logger) {
    this.#book = book
    this.#datastore = datastore
    this.#clock = clock
    this.#log = log
    this.#behind = new WriteBehind({
      clock,
      log,
      name: 'addresses',
      delay: DELAY,
      load: async () => this.#load(),
      isChanged: () => this.#changed.size > 0,
      write: async () => this.#write()
    })
  }

  changed (peer: string): void {
    this.#changed.add(peer)
    this.#behind.schedule()
  }

  async open (): Promise<void> {
    await this.#behind.open()
  }

  async close (): Promise<void> {
    await this.#behind.close()
  }

  async #write (): Promise<void> {
    const failures: unknown[] = []
    const batches = chunked([...this.#changed])
    this.#changed.clear()

    for (const peers of batches) {
      try {
        await this.#put(peers)
      } catch (err) {
        peers.forEach(peer => { this.#changed.add(peer) })
        failures.push(err)
      }
    }

    if (failures.length > 0) {
      throw failures[0]
    }
  }

  async #put (peers: readonly string[]): Promise<void> {
    const batch = this.#datastore.batch()

    for (const peer of peers) {
      const key = keyOf(peer)
      const bytes = this.#book.encode(key.toString(), peer)

      if (bytes == null) {
        batch.delete(key)
      } else {
        batch.put(key, bytes)
      }
    }

    await batch.commit()
  }

  async #load (): Promise<void> {
    const now = this.#clock.now()
    const { count, first } = await readRecords(this.#datastore, `${PREFIX}/`, MAX_RECORDS, (key, value) => {
      const entry = decode(key, value, now)

      if (!this.#book.restore(entry)) {
        this.#changed.add(entry.id)
      }
    })

    if (count > 0) {
      this.#log('skipped %d records of addresses, %s first: they are damaged, or of another version', count, first)
    }
  }
}

function chunked (peers: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(peers.length / BATCH) }, (_, i) => peers.slice(i * BATCH, (i + 1) * BATCH))
}

/** In base32, since a datastore may make a file name of it, and not every file system knows upper case from lower */
function keyOf (peer: string): Key {
  return new Key(`${PREFIX}/${peerIdFromString(peer).toCID().toString()}`)
}
