import { Key } from 'interface-datastore/key'
import { Bounded } from '../pipeline/bounded.ts'
import { hashText } from '../pipeline/hash-text.ts'
import { encodeRecord } from './record-format.ts'
import { MAX_TURN_BYTES, MAX_TURN_RECORDS, turnEnd } from './turn-limits.ts'
import type { RecordReader } from './record-reader.ts'
import type { RecordsInit } from './records-init.ts'

/** The number of changed names above which those that need no write are removed */
const MIN_LIMIT = 1_000

/** Caps the records of failed writes that are remembered */
const MAX_UNCERTAIN = 10_000

/** Writes the changed records, a few in each turn of the event loop */
export class RecordWriter {
  readonly #init: RecordsInit
  readonly #reader: RecordReader
  readonly #changed = new Set<string>()
  /** The records of failed writes, which the datastore may have stored in part */
  readonly #uncertain = new Bounded<true>(MAX_UNCERTAIN)
  #limit = MIN_LIMIT

  constructor (init: RecordsInit, reader: RecordReader) {
    this.#init = init
    this.#reader = reader
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
          await this.#reader.readMissing(name)
        }
      }

      return await this.#commit(names)
    } catch (err) {
      for (const name of names) {
        // moved to the end, so that a record which cannot be written does not block the others
        this.#changed.delete(name)
        this.#changed.add(name)
      }

      throw err
    }
  }

  async #commit (names: readonly string[]): Promise<number> {
    const { datastore, records, version, unreadablePrefix } = this.#init
    const { stored, unreadable, isTruncated } = this.#reader
    const batch = datastore.batch()
    const onCommit: Array<() => void> = []
    let count = 0

    for (let total = 0; count < names.length && total < MAX_TURN_BYTES; count++) {
      const name = names[count] as string
      // unmarked now, so that a change from here on marks it again
      this.#changed.delete(name)
      const key = this.#reader.keyOf(name)
      const text = key.toString()
      const value = records.encode(name)
      const damaged = unreadable.get(text)

      if (damaged != null) {
        // the hash gives equal bytes one key: a failed batch may have copied them before
        batch.put(new Key(`${unreadablePrefix}${name}-${hashText(damaged.join())}`), damaged)
      }

      if (value !== undefined) {
        const bytes = encodeRecord(version, text, value)
        total += bytes.byteLength
        batch.put(key, bytes)
        this.#uncertain.set(name, true)
        onCommit.push(() => { unreadable.delete(text); this.#uncertain.delete(name); stored.add(name) })
      } else if (isTruncated || this.#isStored(name) || unreadable.has(text)) {
        batch.delete(key)
        onCommit.push(() => { unreadable.delete(text); this.#uncertain.delete(name); stored.delete(name) })
      }
    }

    if (onCommit.length > 0) {
      await batch.commit()
      onCommit.forEach(fn => { fn() })
    }

    return count
  }

  /** Returns whether the datastore has a record, as far as is known */
  #isStored (name: string): boolean {
    return this.#reader.stored.has(name) || this.#uncertain.get(name) === true
  }
}
