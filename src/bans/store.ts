import { RecordStore } from '../datastore/record-store.ts'
import { hashText } from '../pipeline/hash-text.ts'
import { parseBanTarget, toText } from './target.ts'
import type { Bans } from './bans.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Logger } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

/** The version of `Written`. Increase it with each change */
const VERSION = 1

/** A ban in JSON, which has no Infinity */
type Written = [target: string, since: number, until: number | null]

/** The names of the records, among which the bans are divided. Many records keep a write small, few are read fast */
const SHARDS = Array.from({ length: 32 }, (_, shard) => `${shard}`)

/** The maximum number of records that are read at once: the datastore may have others under the prefix */
const MAX_READ = 1_000

/** The maximum number of removed keys that are remembered until all bans are read: as many as there may be bans */
const MAX_REMOVED = 10_000

/**
 * Stores bans in a datastore. Writes begin at once, so that a crash loses only the bans of the last write
 *
 * @param onRead called after each attempt to read, with the keys of the bans that were read
 */
export function banStore (bans: Bans, datastore: Datastore, clock: Clock, log: Logger, onRead?: (keys: ReadonlySet<string>) => void): RecordStore {
  /** The keys of bans that were removed before all bans were read */
  const removed = new Set<string>()
  let restored = new Set<string>()
  let isRestoring = false

  const store = new RecordStore({
    datastore,
    clock,
    log,
    title: 'bans',
    prefix: '/dial-pipeline/bans/',
    unreadablePrefix: '/dial-pipeline/unreadable-bans/',
    version: VERSION,
    delay: 0,
    maxRead: MAX_READ,
    alwaysRead: SHARDS,
    onRead: () => {
      const keys = restored
      restored = new Set()
      onRead?.(keys)
    },
    records: {
      has: () => true,
      encode: (shard): Written[] | undefined => {
        const ofShard = Array.from(bans.entries()).filter(([key]) => shardOf(key) === shard)

        return ofShard.length === 0 ? undefined : ofShard.map(([, { target, since, until }]) => [toText(target), since, Number.isFinite(until) ? until : null])
      },
      restore: (shard, written: Written[]) => {
        const damaged = written.filter(ban => !restore(shard, ban))

        if (damaged.length > 0) {
          throw new Error(`${damaged.length} of ${written.length} bans cannot be read`)
        }

        return shard
      }
    }
  })

  /** Restores one ban. Returns false if it cannot be banned any more, so that the others of its record are still restored */
  function restore (shard: string, [target, since, until]: Written): boolean {
    // the date is read before `isRestoring` is set: a jump of the date moves all bans, which have to be written
    const now = bans.now()
    isRestoring = true

    try {
      const { key } = parseBanTarget(target)
      const end = until ?? Infinity
      // if the clock was set back, the ban does not become longer
      const ban = { target, since: Math.min(since, now), until: Math.min(end, now + end - since) }
      const isOver = ban.until <= now || removed.has(key)

      if (isOver) {
        store.changed(shard)
      } else {
        bans.restore(ban)
        restored.add(key)
      }

      return true
    } catch {
      return false
    } finally {
      isRestoring = false
    }
  }

  bans.source = store
  bans.onChange = key => {
    if (!isRestoring) {
      store.changed(shardOf(key))
    }
  }
  bans.onRemove = key => {
    if (!store.isLoaded && removed.size < MAX_REMOVED) {
      removed.add(key)
    }
  }

  return store
}

function shardOf (key: string): string {
  return `${hashText(key) % SHARDS.length}`
}
