import { Key } from 'interface-datastore/key'
import { settledOrAborted } from '../pipeline/foreign-promises.ts'
import { abortable } from '../pipeline/runtime/abortable.ts'
import { decodeRecord } from './record-format.ts'
import { MAX_TURN_BYTES, turnEnd } from './turn-limits.ts'
import type { RecordsInit } from './records-init.ts'
import type { Pair } from 'interface-datastore'

/** Reads each record once, at the latest before it is overwritten */
export class RecordReader {
  /** Names of the records that the datastore has, as far as they were read or written */
  readonly stored = new Set<string>()
  /** Records that are damaged, or of another version, by key: with their bytes where they are to be copied */
  readonly unreadable = new Map<string, Uint8Array | undefined>()
  /** Whether the datastore has more records than were read. Undefined: it has not */
  isTruncated?: boolean
  readonly #init: RecordsInit
  /** Keys of the records that were read while not all are */
  readonly #read = new Set<string>()

  constructor (init: RecordsInit) {
    this.#init = init
  }

  keyOf (name: string): Key {
    return new Key(this.#init.prefix + (this.#init.suffixOf?.(name) ?? name))
  }

  /**
   * Reads the records that no earlier attempt has read
   *
   * @param signal - ends it also where the datastore hangs
   * @throws what the datastore throws; the signal's reason when that aborts
   */
  async readAll (signal: AbortSignal): Promise<void> {
    const { log, title, prefix, maxRead, alwaysRead = [] } = this.#init
    let total = 0
    let bytes = 0

    for await (const record of abortable(this.#query(signal), signal)) {
      if (++total > maxRead) {
        this.isTruncated = true
        log.error('read no more than %d records of %s under %s. Others are read before they are overwritten', maxRead, title, prefix)
        break
      }

      bytes += this.#take(record)

      if (bytes > MAX_TURN_BYTES) {
        bytes = 0
        await turnEnd()
      }
    }

    for (const name of alwaysRead) {
      await settledOrAborted(this.readMissing(name), signal)
    }

    this.#read.clear()
    const [first] = this.unreadable.keys()

    if (first != null) {
      log.error('skipped %d records of %s, %s first: they are damaged, or of another version', this.unreadable.size, title, first)
    }
  }

  /**
   * Reads a record that was not read, as it must be before it is overwritten
   *
   * @throws what the datastore throws
   */
  async readMissing (name: string): Promise<void> {
    const { datastore } = this.#init
    const key = this.keyOf(name)

    // what `get` throws for a key without a value is up to the datastore
    if (this.isTruncated && !this.stored.has(name) && await datastore.has(key)) {
      this.#take({ key, value: await datastore.get(key) })
    }
  }

  /** A datastore in memory yields without waiting */
  async * #query (signal: AbortSignal): AsyncGenerator<Pair> {
    yield * this.#init.datastore.query({ prefix: this.#init.prefix }, { signal })
  }

  /** Returns how many bytes it has read */
  #take (record: Pair): number {
    const { prefix, version, records, unreadablePrefix } = this.#init
    let key = 'one without a key'

    try {
      key = record.key.toString()

      // what was removed after an earlier attempt has read it does not come back
      if (!this.#read.has(key)) {
        this.#read.add(key)
        this.stored.add(records.restore(key.slice(prefix.length), decodeRecord(version, key, record.value)))
      }
    } catch {
      this.unreadable.set(key, unreadablePrefix == null ? undefined : Uint8Array.from(record?.value ?? []))
    }

    return record?.value?.byteLength ?? 0
  }
}
