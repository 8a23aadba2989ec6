import { abortable } from '../pipeline/runtime/abortable.ts'
import { lastWriteTo } from './last-write.ts'
import type { Logger } from '@libp2p/interface'
import type { Datastore, Key, Pair } from 'interface-datastore'

/** How many keys are remembered for each record that is read at once: peers come and go while others are left unread */
const MAX_REMEMBERED = 2

export interface RecordReaderInit {
  readonly datastore: Datastore
  readonly log: Logger
  /** What the records are of, for the log */
  readonly name: string
  /** What their keys begin with */
  readonly prefix: string
  /** How many records are read at once: a datastore that gives more would keep the node from all else */
  readonly max: number
  /** Takes over a record. Throws for one that is damaged, or of another version */
  take (key: string, value: Uint8Array): void
}

/** Reads each record under a prefix once, at the latest before it is overwritten */
export class RecordReader {
  /** Keys of the records that are damaged, or of another version */
  readonly unreadable = new Set<string>()
  readonly #init: RecordReaderInit
  /** Keys of the records that were read. Undefined: all were */
  #read?: Set<string> = new Set()

  constructor (init: RecordReaderInit) {
    this.#init = init
  }

  /** Whether there may be records that have not been read */
  get isIncomplete (): boolean {
    return this.#read != null
  }

  /**
   * Reads the records that have not been read, as they come, after the last write of a dialer that was detached. More than `max` are left, and the log says so
   *
   * @param signal - ends it also where the datastore hangs
   * @throws what the datastore throws; the signal's reason when that aborts
   */
  async readAll (signal: AbortSignal): Promise<void> {
    const { log, name, prefix, max } = this.#init
    let total = 0
    let isTruncated = false

    for await (const record of abortable(this.#query(signal), signal)) {
      if (++total > max) {
        isTruncated = true
        log.error('read no more than %d records of %s under %s. Others are read before they are overwritten', max, name, prefix)
        break
      }

      this.#take(record)
    }

    if (!isTruncated) {
      this.#read = undefined
    }

    const [first] = this.unreadable

    if (first != null) {
      log('skipped %d records of %s, %s first: they are damaged, or of another version', this.unreadable.size, name, first)
    }
  }

  /**
   * Reads those of the keys that have not been read. Must be called before they are overwritten
   *
   * @throws what the datastore throws
   */
  async readMissing (keys: Iterable<Key>): Promise<void> {
    for (const key of this.#read == null ? [] : keys) {
      if (this.#read?.has(key.toString()) === true) {
        continue
      }

      if (await this.#init.datastore.has(key)) {
        this.#take({ key, value: await this.#init.datastore.get(key) })
      } else {
        // from the next write on the record is there, and is this reader's own
        this.#remember(key.toString())
      }
    }
  }

  /** A datastore in memory yields without waiting */
  async * #query (signal: AbortSignal): AsyncGenerator<Pair> {
    await lastWriteTo(this.#init.datastore)
    yield * this.#init.datastore.query({ prefix: this.#init.prefix }, { signal })
  }

  #take (record: Pair): void {
    let key = 'one without a key'

    try {
      key = record.key.toString()

      // what was removed after an earlier attempt has read it does not come back
      if (this.#read?.has(key) === true) {
        return
      }

      this.#remember(key)
      this.#init.take(key, record.value)
    } catch {
      this.unreadable.add(key)
    }
  }

  #remember (key: string): void {
    const oldest = (this.#read?.size ?? 0) < MAX_REMEMBERED * this.#init.max ? undefined : this.#read?.values().next().value
    this.#read?.add(key)

    if (oldest != null) {
      this.#read?.delete(oldest)
    }
  }
}
