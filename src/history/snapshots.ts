import type { Keys } from './keys.ts'
import type { Tables } from './record-tables.ts'
import type { Level, RecordsByLevel } from './records.ts'
import type { Bounded } from '../pipeline/bounded.ts'

/** The maximum number of saved records. Failures in the others cannot be undone */
const MAX = 10_000

/** Saves records before failures change them, until the cause of the failures is known */
export class Snapshots {
  readonly #knowledge: Tables
  /** The saved records, by level and key. Undefined: there was no record */
  readonly #saved = new Map<Level, Map<string, RecordsByLevel[Level] | undefined>>()
  #size = 0

  constructor (knowledge: Tables) {
    this.#knowledge = knowledge
  }

  save ({ address, pathClass, network, kinds = [], prefix, peer, source }: Partial<Keys>): void {
    this.#save('addresses', address)
    this.#save('classes', pathClass)
    this.#save('classes', network)
    this.#save('sources', source)
    kinds.forEach(kind => { this.#save('kinds', kind) })
    this.#save('prefixes', prefix)
    this.#save('peers', peer)
  }

  #save (level: Level, key: string | undefined): void {
    const saved = this.#saved.get(level) ?? new Map<string, RecordsByLevel[Level] | undefined>()
    this.#saved.set(level, saved)

    if (key != null && this.#size < MAX && !saved.has(key)) {
      saved.set(key, this.#knowledge[level].get(key)?.copy())
      this.#size++
    }
  }

  delete (level: Level, key: string): void {
    this.#size -= Number(this.#saved.get(level)?.delete(key) === true)
  }

  /** Returns the saved record, or the current one if none was saved */
  get<L extends Level>(level: L, key: string): RecordsByLevel[L] | undefined {
    const saved = this.#saved.get(level)

    return (saved?.has(key) === true ? saved.get(key) : this.#knowledge[level].get(key)) as RecordsByLevel[L] | undefined
  }

  restore (onRestored: (level: Level, key: string) => void): void {
    for (const [level, saved] of this.#saved) {
      const records: Bounded<any> = this.#knowledge[level]

      for (const [key, record] of saved) {
        onRestored(level, key)

        if (record == null) {
          records.delete(key)
        } else {
          records.set(key, record)
        }
      }
    }
  }
}
