import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore/key'
import { encodeRecord } from '../../src/datastore/record-format.ts'
import { RecordStore } from '../../src/datastore/record-store.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { TurnCounter } from './turn-counter.ts'
import type { RecordStoreInit } from '../../src/datastore/record-store.ts'
import type { AbortOptions, Logger } from '@libp2p/interface'
import type { Pair, Query } from 'interface-datastore'

export const SECOND = 1_000
export const HOUR = 3_600_000
export const PREFIX = '/letters/'

export const never = async (): Promise<never> => new Promise(() => {})

/** Returns the stored records, also while `query()` of the datastore is replaced */
export function pairs (datastore: MemoryDatastore): Pair[] {
  return [...MemoryDatastore.prototype.query.call(datastore, {}) as Generator<Pair>]
}

/** Returns a record as an earlier process has stored it */
export function pairOf (name: string, value: unknown = 'stored', version: number = 1): Pair {
  const key = PREFIX + name

  return { key: new Key(key), value: encodeRecord(version, key, value) }
}

/** A datastore with scripted failures, which records the times of its calls */
export class ScriptedDatastore extends MemoryDatastore {
  readonly #clock: VirtualClock
  /** The times at which reads and writes began */
  readonly reads: number[] = []
  readonly writes: number[] = []
  /** The keys of each written batch */
  readonly batches: string[][] = []
  readonly perTurn = new TurnCounter()
  /** Throws, rejects or hangs instead of a read. `attempt` is the number of the read, from 1 */
  onRead?: (attempt: number, signal?: AbortSignal) => unknown
  /** Throws, rejects or hangs instead of a write */
  onWrite?: (attempt: number) => unknown

  constructor (clock: VirtualClock) {
    super()
    this.#clock = clock
  }

  get keys (): string[] {
    return pairs(this).map(({ key }) => key.toString())
  }

  override query (query: Query, options?: AbortOptions): any {
    const attempt = this.reads.push(this.#clock.now())

    return this.#query(query, this.onRead?.(attempt, options?.signal), options)
  }

  async * #query (query: Query, answer: unknown, options?: AbortOptions): AsyncGenerator<Pair> {
    await answer
    yield * super.query(query, options) as Iterable<Pair>
  }

  override batch (): any {
    const batch = super.batch()
    const keys: string[] = []

    return {
      put: (key: Key, value: Uint8Array) => {
        this.perTurn.add()
        keys.push(key.toString())
        batch.put(key, value)
      },
      delete: (key: Key) => {
        this.perTurn.add()
        keys.push(`not ${key.toString()}`)
        batch.delete(key)
      },
      commit: () => {
        const attempt = this.writes.push(this.#clock.now())
        const answer = this.onWrite?.(attempt)
        const commit = async (): Promise<void> => {
          await batch.commit()
          this.batches.push(keys)
        }

        return answer instanceof Promise ? answer.then(commit) : commit()
      }
    }
  }

  /** Adds a record that an earlier process has written */
  stored (name: string, value: unknown = 'stored', version: number = 1): this {
    const { key, value: bytes } = pairOf(name, value, version)
    void this.put(key, bytes)

    return this
  }
}

export interface Scene {
  clock: VirtualClock
  datastore: ScriptedDatastore
  store: RecordStore
  /** The records in memory, by name */
  values: Map<string, unknown>
  /** The names of the restored records, in order */
  restored: string[]
  log: string[]
  change (name?: string, value?: unknown): void
}

export interface SceneInit extends Partial<RecordStoreInit> {
  clock?: VirtualClock
  datastore?: ScriptedDatastore
}

/** Creates a store of strings, whose names are letters, with its own memory */
export function scene ({ clock = new VirtualClock(0), datastore = new ScriptedDatastore(clock), ...init }: SceneInit = {}): Scene {
  const log: string[] = []
  const values = new Map<string, unknown>()
  const restored: string[] = []
  const store = new RecordStore({
    clock,
    datastore,
    log: { error: (...parts: unknown[]) => { log.push(parts.join(' ')) } } as unknown as Logger,
    title: 'letters',
    prefix: PREFIX,
    version: 1,
    delay: SECOND,
    maxRead: 10_000,
    records: {
      has: name => values.has(name),
      encode: name => values.get(name),
      restore: (suffix, value) => {
        if (value === 'unreadable') {
          throw new Error('cannot be read')
        }

        restored.push(suffix)
        values.set(suffix, values.get(suffix) ?? value)

        return suffix
      }
    },
    ...init
  })

  return {
    clock, datastore, store, values, restored, log,
    change: (name = 'a', value = 'new') => {
      values.set(name, value)
      store.changed(name)
    }
  }
}
