import { peerIdFromString } from '@libp2p/peer-id'
import { Key } from 'interface-datastore/key'
import { RecordReader } from '../datastore/record-reader.ts'
import { WriteBehind } from '../datastore/write-behind.ts'
import { decode } from './codec.ts'
import type { Entries } from './entries.ts'
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
  readonly #entries: Entries
  readonly #datastore: Datastore
  readonly #clock: Clock
  readonly #reader: RecordReader
  /** The peers that have changed since they were written: at most as many as the book can have, beyond that all have */
  readonly #changed = new Set<string>()
  #hasAllChanged = false
  readonly #behind: WriteBehind

  constructor (entries: Entries, datastore: Datastore, clock: Clock, log: Logger) {
    this.#entries = entries
    this.#datastore = datastore
    this.#clock = clock
    this.#reader = new RecordReader({ datastore, log, name: 'addresses', prefix: `${PREFIX}/`, max: Math.max(MAX_RECORDS, entries.max), take: (key, value) => { this.#take(key, value) } })
    this.#behind = new WriteBehind({
      clock,
      log,
      name: 'addresses',
      delay: DELAY,
      load: async signal => this.#reader.readAll(signal),
      isChanged: () => this.#hasAllChanged || this.#changed.size > 0,
      write: async () => this.#hasAllChanged ? this.#writeAll() : this.#writeChanged()
    })
  }

  changed (peer: string): void {
    this.#add(peer)
    this.#behind.schedule()
  }

  async open (): Promise<void> {
    await this.#behind.open()
  }

  async close (): Promise<void> {
    await this.#behind.close()
  }

  #add (peer: string): void {
    if (this.#hasAllChanged) {
      return
    }

    this.#changed.add(peer)

    if (this.#changed.size > this.#entries.max) {
      this.#changed.clear()
      this.#hasAllChanged = true
    }
  }

  async #writeChanged (): Promise<void> {
    const failures: unknown[] = []
    const batches = chunked([...this.#changed])
    this.#changed.clear()

    for (const peers of batches) {
      try {
        await this.#put(peers)
      } catch (err) {
        peers.forEach(peer => { this.#add(peer) })
        failures.push(err)
      }
    }

    if (failures.length > 0) {
      throw failures[0]
    }
  }

  async #writeAll (): Promise<void> {
    this.#hasAllChanged = false

    try {
      const written = new Set<string>()

      for (const peers of chunked(this.#entries.ids)) {
        const keys = await this.#put(peers)
        keys.forEach(key => written.add(key.toString()))
      }

      // what was not read is not deleted either
      if (!this.#reader.isIncomplete) {
        await this.#deleteAllBut(written)
      }
    } catch (err) {
      this.#changed.clear()
      this.#hasAllChanged = true
      throw err
    }
  }

  async #deleteAllBut (written: ReadonlySet<string>): Promise<void> {
    const batch = this.#datastore.batch()
    let keys = 0

    for await (const key of this.#datastore.queryKeys({ prefix: `${PREFIX}/` })) {
      if (!written.has(key.toString()) && !this.#reader.unreadable.has(key.toString())) {
        batch.delete(key)
      }

      // what is left is found when it is read
      if (++keys > MAX_RECORDS + this.#entries.max) {
        break
      }
    }

    await batch.commit()
  }

  /** Answers their keys */
  async #put (peers: readonly string[]): Promise<Key[]> {
    const keys = peers.map(keyOf)
    await this.#reader.readMissing(keys)
    const batch = this.#datastore.batch()

    for (const [i, peer] of peers.entries()) {
      const key = keys[i] as Key
      const bytes = this.#entries.encode(key.toString(), peer)

      if (bytes == null) {
        batch.delete(key)
      } else {
        batch.put(key, bytes)
      }
    }

    await batch.commit()

    return keys
  }

  #take (key: string, value: Uint8Array): void {
    const { id, ...known } = decode(key, value, this.#clock.now())

    if (!this.#entries.restore(id, known)) {
      this.#add(id)
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
