import { Key } from 'interface-datastore/key'
import { MAX_NAME } from '../address/check-name.ts'
import { isOversized } from '../pipeline/candidate.ts'
import { hashText } from '../pipeline/hash-text.ts'
import { readAfter } from '../datastore/last-write.ts'
import { RecordReader } from '../datastore/record-reader.ts'
import { WriteBehind } from '../datastore/write-behind.ts'
import { codecs, list, text } from './codec.ts'
import { LEVELS } from './snapshots.ts'
import type { Codec } from './codec.ts'
import type { Bounded } from '../pipeline/bounded.ts'
import type { Level } from './snapshots.ts'
import type { Networks } from './networks.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Logger } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

const PREFIX = '/dial-history'

/** Of what is written. What is of another is skipped */
const VERSION = 1

/** Milliseconds between two writes */
const INTERVAL = 30_000

/** Into how many records a level is divided: so many that a change is a small write, so few that all are soon read */
const SHARDS: Record<Level, number> = { addresses: 32, peers: 32, prefixes: 8, classes: 1, kinds: 1 }

/** More than all networks that are remembered have */
const MAX_CHANGED = 1_000

/** As many as a datastore may have of networks that are remembered no more */
const MAX_RECORDS = 10_000

/** A part of what is known in one network, written as one value: one that was written half spoils no other */
interface Shard {
  readonly network?: string
  readonly level: Level
  readonly index: number
}

/** Keeps what was learnt in a datastore */
export class HistoryStore {
  readonly #networks: Networks
  readonly #datastore: Datastore
  readonly #clock: Clock
  readonly #reader: RecordReader
  /** What is to be written, by its key */
  #changed = new Map<string, Shard>()
  readonly #behind: WriteBehind

  constructor (networks: Networks, datastore: Datastore, clock: Clock, log: Logger) {
    this.#networks = networks
    this.#datastore = datastore
    this.#clock = clock
    this.#reader = new RecordReader({ datastore, log, name: 'the dial history', prefix: `${PREFIX}/`, max: MAX_RECORDS, take: (name, value) => { this.#take(name, value) } })
    this.#behind = new WriteBehind({
      clock,
      log,
      name: 'dial history',
      delay: INTERVAL,
      load: async signal => this.#load(signal),
      isChanged: () => this.#changed.size > 0,
      write: async () => this.#write()
    })
    networks.onChange = this.#onChange
  }

  /** Why not everything has been read. Undefined when it has */
  get loadError (): Error | undefined {
    return this.#behind.loadError
  }

  async open (): Promise<void> {
    await this.#behind.open()
  }

  /** Writes what is not written yet, and nothing after that: another store keeps the same records from now on */
  finish (): void {
    readAfter(this.#datastore, this.#behind.finish())
  }

  async close (): Promise<void> {
    await this.#behind.close()
  }

  readonly #onChange = (network: string | undefined, level?: Level, key?: string): void => {
    const shards = level == null || key == null ? shardsOf(network) : [{ network, level, index: indexOf(level, key) }]

    for (const shard of shards) {
      this.#changed.set(nameOf(shard), shard)
    }

    this.#bound()
    this.#behind.schedule()
  }

  async #write (): Promise<void> {
    const changed = this.#changed
    this.#changed = new Map()

    try {
      await this.#put(changed)
    } catch (err) {
      this.#changed = new Map([...changed, ...this.#changed])
      this.#bound()
      throw err
    }
  }

  /** What is left of networks that were forgotten is found, and forgotten once more, when it is read */
  #bound (): void {
    if (this.#changed.size > MAX_CHANGED) {
      for (const [name, { network }] of this.#changed) {
        if (this.#networks.get(network) == null) {
          this.#changed.delete(name)
        }
      }
    }
  }

  async #put (shards: ReadonlyMap<string, Shard>): Promise<void> {
    if (shards.size === 0) {
      return
    }

    // what is forgotten need not be read
    const kept = [...shards].filter(([, { network }]) => this.#networks.get(network) != null)
    await this.#reader.readMissing(kept.map(([name]) => new Key(name)))
    const batch = this.#datastore.batch()

    for (const [name, { network, entries }] of this.#collect(shards)) {
      if (entries.length > 0) {
        batch.put(new Key(name), new TextEncoder().encode(JSON.stringify({ version: VERSION, network, entries })))
      } else {
        batch.delete(new Key(name))
      }
    }

    await batch.commit()
  }

  /** One look at each level, however many of its shards have changed */
  #collect (shards: ReadonlyMap<string, Shard>): Map<string, { network?: string, entries: unknown[] }> {
    const collected = new Map(Array.from(shards, ([name, { network }]) => [name, { network, entries: [] as unknown[] }]))
    const levels = new Map(Array.from(shards.values(), ({ network, level }) => [JSON.stringify([network, level]), { network, level }]))

    for (const { network, level } of levels.values()) {
      const codec: Codec<any> = codecs[level]

      for (const [key, record] of this.#networks.get(network)?.[level] ?? []) {
        collected.get(nameOf({ network, level, index: indexOf(level, key) }))?.entries.push([key, codec.encode(record)])
      }
    }

    return collected
  }

  async #load (signal: AbortSignal): Promise<void> {
    try {
      await this.#reader.readAll(signal)
    } finally {
      this.#networks.trim()
    }
  }

  /** What was learnt since the node began counts more than what was written */
  #take (name: string, value: Uint8Array): void {
    const { version, network, entries } = JSON.parse(new TextDecoder().decode(value))
    const level = LEVELS.find(level => name.startsWith(`${placeOf(network)}/${level}/`))

    if (version !== VERSION || level == null || !(network === undefined || (typeof network === 'string' && network.length <= MAX_NAME))) {
      throw new Error('not a record of this version')
    }

    const now = this.#clock.now()
    const codec: Codec<any> = codecs[level]
    const read = list(entries).map(entry => {
      const [key, record] = list(entry, 2)

      return [text(key), codec.decode(record, now)] as const
    })
    const records: Bounded<any> = this.#networks.make(network)[level]

    for (const [key, record] of read) {
      // earlier versions kept keys of any length
      const isKept = level === 'addresses' ? !isOversized(key) : key.length <= MAX_NAME

      if (isKept && records.get(key) === undefined) {
        records.set(key, record)
      }
    }
  }
}

function shardsOf (network: string | undefined): Shard[] {
  return LEVELS.flatMap(level => Array.from({ length: SHARDS[level] }, (_, index) => ({ network, level, index })))
}

function nameOf ({ network, level, index }: Shard): string {
  return `${placeOf(network)}/${level}/${index}`
}

/** A datastore may make a path of it */
function placeOf (network: string | undefined): string {
  return network == null ? `${PREFIX}/unnamed` : `${PREFIX}/named-${encodeURIComponent(network.toWellFormed())}`
}

function indexOf (level: Level, key: string): number {
  return hashText(key) % SHARDS[level]
}
