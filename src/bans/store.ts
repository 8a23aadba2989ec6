import { Key } from 'interface-datastore/key'
import { readAfter } from '../datastore/last-write.ts'
import { readRecord } from '../datastore/read-record.ts'
import { WriteBehind } from '../datastore/write-behind.ts'
import { hashText } from '../pipeline/hash-text.ts'
import { decodeBans, encodeBans, recordKeyOf, SHARDS, shardOf } from './ban-record.ts'
import type { ReadBan } from './ban-record.ts'
import type { Ban, Bans } from './bans.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Logger } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

/** Bans that can be lifted before they are read: as many as there can be */
const MAX_LIFTED = 10_000

/** Where a record is copied to that could not be read, before it is overwritten */
const UNREADABLE_PREFIX = '/dial-bans-unreadable'

/** Milliseconds between two errors in the log while the node dials without the bans */
const REMINDER = 60_000

export interface BanStoreInit {
  /**
   * Dials wait for the bans. Otherwise an error is logged each minute while the bans have not been read
   *
   * @default true
   */
  readonly isRequired?: boolean
  /** Called after each attempt to read, with the keys of the bans that were read */
  readonly onRead?: (keys: ReadonlySet<string>) => void
  /** Called once everything is read */
  readonly onLoaded?: () => void
}

/** Keeps bans in a datastore. They are written at once: one that a crash undoes is none */
export class BanStore {
  readonly #bans: Bans
  readonly #datastore: Datastore
  readonly #clock: Clock
  readonly #log: Logger
  readonly #init: BanStoreInit
  readonly #changed = new Set<number>()
  /** The records that have not been read yet */
  readonly #unread = new Set(Array(SHARDS).keys())
  /** What was lifted while not all was read */
  readonly #lifted = new Set<string>()
  readonly #behind: WriteBehind
  /** The records that are damaged, or of another version */
  readonly #unreadable = new Map<number, Uint8Array>()
  /** Keys of the bans that the current attempt has read */
  readonly #restored = new Set<string>()
  #isReading = false
  #isOpen = false
  #cancelReminder?: () => void

  constructor (bans: Bans, datastore: Datastore, clock: Clock, log: Logger, init: BanStoreInit = {}) {
    this.#bans = bans
    this.#datastore = datastore
    this.#clock = clock
    this.#log = log
    this.#init = init
    this.#behind = new WriteBehind({
      clock,
      log,
      name: 'bans',
      delay: 0,
      load: async signal => this.#load(signal),
      onLoaded: () => {
        this.#cancelReminder?.()
        this.#cancelReminder = undefined
        init.onLoaded?.()
      },
      isChanged: () => this.#changed.size > 0,
      write: async () => this.#put(new Set(this.#changed))
    })
    bans.source = this
    bans.onChange = key => {
      if (!this.#isReading) {
        this.#changed.add(shardOf(key))
        this.#behind.schedule()
      }
    }
    bans.onLift = key => {
      if (this.#unread.size > 0 && this.#lifted.size < MAX_LIFTED) {
        this.#lifted.add(key)
      }
    }
  }

  get isLoaded (): boolean {
    return this.#behind.isLoaded
  }

  /** Why not all bans have been read. Undefined when they have */
  get loadError (): Error | undefined {
    return this.#behind.loadError
  }

  /** Resolves when the bans are read, reading them has failed once, or 10 s later. Never rejects */
  async open (): Promise<void> {
    this.#isOpen = true
    await this.#behind.open()
    this.#remind()
  }

  /** Writes what is not written yet, and nothing after that: another store keeps the same records from now on */
  finish (): void {
    readAfter(this.#datastore, this.#behind.finish())
  }

  async close (): Promise<void> {
    this.#isOpen = false
    this.#cancelReminder?.()
    this.#cancelReminder = undefined
    await this.#behind.close()
  }

  /** Logs each minute that the node dials without the bans */
  #remind (): void {
    if (this.#init.isRequired === false && this.#isOpen && !this.isLoaded && this.#cancelReminder == null) {
      this.#log.error('the node dials without the bans of its datastore - %e', this.loadError)
      this.#cancelReminder = this.#clock.setTimeout(() => {
        this.#cancelReminder = undefined
        this.#remind()
      }, REMINDER)
    }
  }

  async #put (shards: ReadonlySet<number>): Promise<void> {
    const batch = this.#datastore.batch()
    const written = new Map(Array.from(shards, shard => [shard, [] as Ban[]]))

    for (const [key, ban] of this.#bans.entries()) {
      written.get(shardOf(key))?.push(ban)
    }

    for (const [shard, bans] of written) {
      const key = recordKeyOf(shard)
      const unreadable = this.#unreadable.get(shard)

      if (unreadable != null) {
        // a batch that fails may have written it: the same bytes are copied once
        batch.put(new Key(`${UNREADABLE_PREFIX}/${shard}-${hashText(unreadable.join())}`), unreadable)
      }

      if (bans.length > 0) {
        batch.put(key, encodeBans(bans))
      } else {
        batch.delete(key)
      }
    }

    // one that changes from here on is written again
    shards.forEach(shard => { this.#changed.delete(shard) })

    try {
      await batch.commit()
      shards.forEach(shard => { this.#unreadable.delete(shard) })
    } catch (err) {
      shards.forEach(shard => { this.#changed.add(shard) })
      throw err
    }
  }

  async #load (signal: AbortSignal): Promise<void> {
    try {
      // by their keys: whatever else is under the prefix, no dial waits for it
      const reads = await Promise.allSettled(Array.from(this.#unread, async shard => this.#read(shard, signal)))
      const failure = reads.find(read => read.status === 'rejected')

      if (failure != null) {
        throw failure.reason
      }

      this.#lifted.clear()

      if (this.#unreadable.size > 0) {
        this.#log.error('could not read %d records of bans: they are damaged, or of another version. Before one is overwritten it is copied to %s', this.#unreadable.size, UNREADABLE_PREFIX)
      }
    } finally {
      const keys = new Set(this.#restored)
      this.#restored.clear()
      this.#init.onRead?.(keys)
    }
  }

  async #read (shard: number, signal: AbortSignal): Promise<void> {
    const value = await readRecord(this.#datastore, recordKeyOf(shard), signal)
    this.#unread.delete(shard)

    if (value === undefined) {
      return
    }

    const { bans, isComplete } = decodeBans(value, this.#clock.now())
    bans.forEach(one => { this.#restore(shard, one) })

    if (!isComplete) {
      this.#unreadable.set(shard, Uint8Array.from(value ?? []))
    }
  }

  #restore (shard: number, { key, ban }: ReadBan): void {
    if (ban.until <= this.#clock.now() || this.#lifted.has(key)) {
      this.#changed.add(shard)
      return
    }

    // an earlier version had another key for it, and so another record
    if (shardOf(key) !== shard) {
      this.#changed.add(shard).add(shardOf(key))
    }

    this.#isReading = true

    try {
      this.#bans.restore(ban)
      this.#restored.add(key)
    } finally {
      this.#isReading = false
    }
  }
}
