import { Key } from 'interface-datastore/key'
import { settledOrAborted } from '../pipeline/foreign-promises.ts'
import { abortable } from '../pipeline/runtime/abortable.ts'
import { decodeRecord } from './record-format.ts'
import { MAX_TURN_BYTES, turnEnd } from './turn-limits.ts'
import type { RecordsInit } from './records-init.ts'
import type { Pair } from 'interface-datastore'

/** Reads each record once, at the latest before it is overwritten */
export class RecordReader {
  /** The names of the stored records that were read or written */
  readonly stored = new Set<string>()
  /** The records that are damaged or of another version, by key, with their bytes if they are to be copied */
  readonly unreadable = new Map<string, Uint8Array | undefined>()
  /** Whether the datastore has more records than were read */
  isTruncated = false
  readonly #init: RecordsInit
  /** The keys that were read in the attempts so far. Empty once all are read */
  readonly #read = new Set<string>()

  constructor (init: RecordsInit) {
    this.#init = init
  }

  keyOf (name: string): Key {
    return new Key(this.#init.prefix + (this.#init.suffixOf?.(name) ?? name))
  }

  /**
   * Reads the records that earlier attempts did not read
   *
   * @param signal - ends the attempt, even if the datastore hangs
   * @throws the error of the datastore; the reason of the signal
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
   * Reads a record that `readAll()` did not reach, before it is overwritten
   *
   * @throws the error of the datastore
   */
  async readMissing (name: string): Promise<void> {
    if (!this.isTruncated || this.stored.has(name)) {
      return
    }

    const { datastore } = this.#init
    const key = this.keyOf(name)

    // has() first: datastores differ in the error of get() for a missing key
    if (await datastore.has(key)) {
      this.#take({ key, value: await datastore.get(key) })
    }
  }

  /** Queries the records. An async generator, because a datastore in memory returns a synchronous iterable */
  async * #query (signal: AbortSignal): AsyncGenerator<Pair> {
    yield * this.#init.datastore.query({ prefix: this.#init.prefix }, { signal })
  }

  /** Reads a record, and returns its size in bytes */
  #take (record: Pair): number {
    const { prefix, version, records, unreadablePrefix } = this.#init
    let key = 'one without a key'

    try {
      key = record.key.toString()

      // a record that was removed after an earlier attempt has read it must not return
      if (!this.#read.has(key)) {
        this.#read.add(key)
        this.stored.add(records.restore(key.slice(prefix.length), decodeRecord(version, key, record.value)))
      }
    } catch {
      // a copy of something else than bytes could take any memory
      this.unreadable.set(key, unreadablePrefix == null || !isBytes(record?.value) ? undefined : Uint8Array.from(record.value))
    }

    return isBytes(record?.value) ? record.value.byteLength : 0
  }
}

/** An object that only inherits from Uint8Array throws when its length is read */
function isBytes (value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && value instanceof Uint8Array
}
