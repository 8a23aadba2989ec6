import type { Level } from './knowledge.ts'
import type { AddressRecord, GroupRecord, KindRecord, PeerRecord } from './records.ts'

/** How many records are remembered. Of those that change later the failures stay */
const MAX = 10_000

type AnyRecord = AddressRecord | PeerRecord | GroupRecord | KindRecord

export interface Snapshot {
  readonly level: Level
  readonly key: string
  /** Undefined: there was none */
  readonly record?: AnyRecord
}

/** Records as they were before failures changed them, until it is known whose failures those were */
export class Snapshots {
  readonly #all = new Map<string, Snapshot>()

  /** Remembers a record as it is now, unless it is remembered already */
  add (level: Level, key: string, record?: AnyRecord): void {
    const name = `${level} ${key}`

    if (this.#all.size < MAX && !this.#all.has(name)) {
      this.#all.set(name, { level, key, record: record?.copy() })
    }
  }

  delete (level: Level, key: string): void {
    this.#all.delete(`${level} ${key}`)
  }

  clear (): void {
    this.#all.clear()
  }

  /** Empties it */
  take (): Snapshot[] {
    const all = [...this.#all.values()]
    this.#all.clear()

    return all
  }
}
