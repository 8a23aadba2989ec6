import { RecordStore } from '../datastore/record-store.ts'
import { hashText } from '../pipeline/hash-text.ts'
import { parseBanTarget, toText } from './target.ts'
import type { Bans } from './bans.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Logger } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

/** The version of `Written`: raise it with each change */
const VERSION = 1

/** A ban as JSON says it, which has no Infinity */
type Written = [target: string, since: number, until: number | null]

/** Into which records the bans are divided: so many that a change is a small write, so few that all are soon read */
const SHARDS = Array.from({ length: 32 }, (_, shard) => `${shard}`)

/** How many records are read at once, whatever else is there */
const MAX_READ = 1_000

/** Bans that can be lifted before they are read: as many as there can be */
const MAX_LIFTED = 10_000

/**
 * Keeps bans in a datastore. They are written at once: one that a crash undoes is none
 *
 * @param onRead called after each attempt to read, with the keys of the bans that it has read
 */
export function banStore (bans: Bans, datastore: Datastore, clock: Clock, log: Logger, onRead?: (keys: ReadonlySet<string>) => void): RecordStore {
  /** The keys of the bans that were lifted while not all were read */
  const lifted = new Set<string>()
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

  /** Returns false for what cannot be banned any more: it spoils no other */
  function restore (shard: string, [target, since, until]: Written): boolean {
    isRestoring = true

    try {
      const { key } = parseBanTarget(target)
      const now = clock.now()
      const end = until ?? Infinity
      // where the clock was set back, a ban is not longer for that
      const ban = { target, since: Math.min(since, now), until: Math.min(end, now + end - since) }
      const isOver = ban.until <= now || lifted.has(key)

      // an earlier version may have had another key for it, and so another record
      if (isOver || shardOf(key) !== shard) {
        store.changed(shard)
        store.changed(shardOf(key))
      }

      if (!isOver) {
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
  bans.onLift = key => {
    if (!store.isLoaded && lifted.size < MAX_LIFTED) {
      lifted.add(key)
    }
  }

  return store
}

function shardOf (key: string): string {
  return `${hashText(key) % SHARDS.length}`
}
