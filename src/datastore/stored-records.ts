import { Key } from 'interface-datastore/key'
import { Bounded } from '../pipeline/bounded.ts'
import { settledOrAborted } from '../pipeline/foreign-promises.ts'
import { hashText } from '../pipeline/hash-text.ts'
import { abortable } from '../pipeline/runtime/answers.ts'
import { decodeRecord, encodeRecord } from './record-format.ts'
import { MAX_TURN_BYTES, MAX_TURN_RECORDS, turnEnd } from './turn-limits.ts'
import type { RecordsInit } from './records-init.ts'
import type { Pair } from 'interface-datastore'

/** The lowest limit of `#changed`. Above the limit, the names are removed that have no record to write or to delete */
const MIN_LIMIT = 1_000

/** Caps the records of failed writes that are remembered */
const MAX_UNCERTAIN = 10_000

/** The records of one kind in a datastore. Each is read once, at the latest before it is overwritten. Changed ones are written a few in each turn of the event loop */
export class StoredRecords {
  readonly #init: RecordsInit
  /** The names of the stored records that were read or written */
  readonly #stored = new Set<string>()
  /** The records that are damaged or of another version, by key, with their bytes if they are to be copied */
  readonly #unreadable = new Map<string, Uint8Array | undefined>()
  /** Whether the datastore has more records than were read */
  #isTruncated = false
  /** The keys that were read in the attempts so far. Empty once all are read */
  readonly #read = new Set<string>()
  readonly #changed = new Set<string>()
  /** The records of failed writes, which the datastore may have stored in part */
  readonly #uncertain = new Bounded<true>(MAX_UNCERTAIN)
  #limit = MIN_LIMIT

  constructor (init: RecordsInit) {
    this.#init = init
  }

  /**
   * Reads the records that earlier attempts did not read
   *
   * @param signal ends the attempt, even if the datastore hangs
   * @throws the error of the datastore; the reason of the signal
   */
  async readAll (signal: AbortSignal): Promise<void> {
    const { log, title, prefix, maxRead, alwaysRead = [] } = this.#init
    let total = 0
    let bytes = 0

    for await (const record of abortable(this.#query(signal), signal)) {
      if (++total > maxRead) {
        this.#isTruncated = true
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
      await settledOrAborted(this.#readMissing(name), signal)
    }

    this.#read.clear()
    const [first] = this.#unreadable.keys()

    if (first != null) {
      log.error('skipped %d records of %s, %s first: they are damaged, or of another version', this.#unreadable.size, title, first)
    }
  }

  get isChanged (): boolean {
    return this.#changed.size > 0
  }

  /** Marks a record as changed. At most twice as many names are kept as there are records, in memory or in the datastore */
  add (name: string): void {
    this.#changed.add(name)

    if (this.#changed.size > this.#limit) {
      for (const one of this.#changed) {
        if (!this.#init.records.has(one) && !this.#isStored(one)) {
          this.#changed.delete(one)
        }
      }

      this.#limit = Math.max(MIN_LIMIT, 2 * this.#changed.size)
    }
  }

  /**
   * Writes the records that have changed so far. Records that cannot be written stay marked
   *
   * @throws the error of the datastore
   */
  async write (): Promise<void> {
    const names = [...this.#changed]

    for (let next = 0; next < names.length;) {
      next += await this.#writeSome(names.slice(next, next + MAX_TURN_RECORDS))

      if (next < names.length) {
        await turnEnd()
      }
    }
  }

  /** Writes the first of the records, as many as one turn allows. Returns their number */
  async #writeSome (names: readonly string[]): Promise<number> {
    try {
      for (const name of names) {
        // a deleted record need not be read
        if (this.#init.records.has(name)) {
          await this.#readMissing(name)
        }
      }

      return await this.#commit(names)
    } catch (err) {
      for (const name of names) {
        // the names move to the end, so that a record which cannot be written does not block the others
        this.#changed.delete(name)
        this.#changed.add(name)
      }

      throw err
    }
  }

  async #commit (names: readonly string[]): Promise<number> {
    const { datastore, records, version, unreadablePrefix } = this.#init
    const batch = datastore.batch()
    const onCommit: Array<() => void> = []
    let count = 0

    for (let total = 0; count < names.length && total < MAX_TURN_BYTES; count++) {
      const name = names[count] as string
      // the record is unmarked now, so that a change from here on marks it again
      this.#changed.delete(name)
      const key = this.#keyOf(name)
      const text = key.toString()
      const value = records.encode(name)
      const damaged = this.#unreadable.get(text)

      if (damaged != null) {
        // the hash gives equal bytes one key: a failed batch may have copied them before
        batch.put(new Key(`${unreadablePrefix}${name}-${hashText(damaged.join())}`), damaged)
      }

      if (value !== undefined) {
        const bytes = encodeRecord(version, text, value)
        total += bytes.byteLength
        batch.put(key, bytes)
        this.#uncertain.set(name, true)
        onCommit.push(() => { this.#unreadable.delete(text); this.#uncertain.delete(name); this.#stored.add(name) })
      } else if (this.#isTruncated || this.#isStored(name) || this.#unreadable.has(text)) {
        batch.delete(key)
        onCommit.push(() => { this.#unreadable.delete(text); this.#uncertain.delete(name); this.#stored.delete(name) })
      }
    }

    if (onCommit.length > 0) {
      await batch.commit()
      onCommit.forEach(fn => { fn() })
    }

    return count
  }

  /**
   * Reads a record that `readAll()` did not reach, before it is overwritten
   *
   * @throws the error of the datastore
   */
  async #readMissing (name: string): Promise<void> {
    if (!this.#isTruncated || this.#stored.has(name)) {
      return
    }

    const { datastore } = this.#init
    const key = this.#keyOf(name)

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
        this.#stored.add(records.restore(key.slice(prefix.length), decodeRecord(version, key, record.value)))
      }
    } catch {
      // a copy of something else than bytes could take any memory
      this.#unreadable.set(key, unreadablePrefix == null || !isBytes(record?.value) ? undefined : Uint8Array.from(record.value))
    }

    return isBytes(record?.value) ? record.value.byteLength : 0
  }

  /** Returns whether the datastore has a record, as far as is known */
  #isStored (name: string): boolean {
    return this.#stored.has(name) || this.#uncertain.get(name) === true
  }

  #keyOf (name: string): Key {
    return new Key(this.#init.prefix + (this.#init.suffixOf?.(name) ?? name))
  }
}

/** An object that only inherits from Uint8Array throws when its length is read */
function isBytes (value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && value instanceof Uint8Array
}
