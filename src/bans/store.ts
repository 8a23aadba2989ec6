import { Key } from 'interface-datastore/key'
import { fromText, toText } from './target.ts'
import type { Ban, Bans } from './bans.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Logger } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

const PREFIX = '/dial-bans'

/** Of what is written. What is of another is skipped */
const VERSION = 1

/** Into how many records the bans are divided: so many that a change is a small write, so few that all are soon read */
const SHARDS = 32

/** Keeps bans in a datastore. They are written at once: one that a crash undoes is none */
export class BanStore {
  readonly #bans: Bans
  readonly #datastore: Datastore
  readonly #clock: Clock
  readonly #log: Logger
  readonly #changed = new Set<number>()
  #loaded?: Promise<void>
  #writing?: Promise<void>
  #isReading = false

  constructor (bans: Bans, datastore: Datastore, clock: Clock, log: Logger) {
    this.#bans = bans
    this.#datastore = datastore
    this.#clock = clock
    this.#log = log
    bans.onChange = key => {
      if (!this.#isReading) {
        this.#changed.add(shardOf(key))
        void this.close()
      }
    }
  }

  /** Reads what was written, once. Never rejects */
  async open (): Promise<void> {
    await (this.#loaded ??= this.#load())
    await this.close()
  }

  /** Resolves when what has changed is written, or could not be. No timer is ever set. Never rejects */
  async close (): Promise<void> {
    // what was never read is not to be written over
    if (this.#loaded != null) {
      await (this.#writing ??= this.#write())
    }
  }

  async #write (): Promise<void> {
    await this.#loaded

    try {
      while (this.#changed.size > 0) {
        await this.#put(new Set(this.#changed))
      }
    } catch (err) {
      this.#log.error('could not write bans - %e', err)
    } finally {
      this.#writing = undefined
    }
  }

  async #put (shards: ReadonlySet<number>): Promise<void> {
    const batch = this.#datastore.batch()
    const written = new Map(Array.from(shards, shard => [shard, [] as unknown[]]))

    for (const [key, { target, since, until }] of this.#bans.entries()) {
      // JSON has no infinity
      written.get(shardOf(key))?.push([toText(target), since, Number.isFinite(until) ? until : null])
    }

    for (const [shard, bans] of written) {
      const key = new Key(`${PREFIX}/${shard}`)

      if (bans.length > 0) {
        batch.put(key, new TextEncoder().encode(JSON.stringify({ version: VERSION, bans })))
      } else {
        batch.delete(key)
      }
    }

    // one that changes from here on is written again
    shards.forEach(shard => { this.#changed.delete(shard) })

    try {
      await batch.commit()
    } catch (err) {
      shards.forEach(shard => { this.#changed.add(shard) })
      throw err
    }
  }

  async #load (): Promise<void> {
    let unreadable = 0

    try {
      for await (const { key, value } of this.#datastore.query({ prefix: `${PREFIX}/` })) {
        this.#isReading = true

        try {
          this.#read(Number(key.name()), value)
        } catch {
          unreadable++
        } finally {
          this.#isReading = false
        }
      }
    } catch (err) {
      this.#log.error('could not read bans - %e', err)
    }

    if (unreadable > 0) {
      this.#log('skipped %d records of bans: they are damaged, or of another version', unreadable)
    }
  }

  #read (shard: number, value: Uint8Array): void {
    const { version, bans } = JSON.parse(new TextDecoder().decode(value))

    if (version !== VERSION || !Array.isArray(bans)) {
      throw new Error('not a record of this version')
    }

    const now = this.#clock.now()

    for (const written of bans) {
      const ban = fromWritten(written, now)

      if (ban.until > now) {
        this.#bans.restore(ban)
      } else {
        this.#changed.add(shard)
      }
    }
  }
}

/** Where the clock was set back, a ban is not longer for that */
function fromWritten ([text, since, until]: [unknown, unknown, unknown], now: number): Ban {
  const end = until ?? Infinity

  if (typeof text !== 'string' || typeof since !== 'number' || typeof end !== 'number') {
    throw new Error('not a ban')
  }

  return { target: fromText(text), since: Math.min(since, now), until: Math.min(end, now + end - since) }
}

/** Bans that differ little are spread well enough by this */
function shardOf (key: string): number {
  let sum = 0

  for (let i = 0; i < key.length; i++) {
    sum += key.charCodeAt(i)
  }

  return sum % SHARDS
}
