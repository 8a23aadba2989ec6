import { RecordStore } from '../datastore/record-store.ts'
import { hashText } from '../pipeline/hash-text.ts'
import { codecs, VERSION } from './codec.ts'
import type { Bounded } from '../pipeline/bounded.ts'
import type { Codec } from './codec.ts'
import type { Level } from './records.ts'
import type { Networks } from './networks.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Logger } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

/** Milliseconds from a change to the write, which includes all other changes of that time */
const INTERVAL = 30_000

/** The maximum number of records that are read at once: the datastore may have records of removed networks */
const MAX_READ = 10_000

/** The number of stored records into which each level is split. Many records keep a write small, few are read fast */
const SHARDS: Record<Level, number> = { addresses: 32, peers: 32, prefixes: 8, classes: 1, sources: 1, kinds: 1 }

const MEMBER = 'member'

/** Stores the history in a datastore. Each record is a part of one level of one network, or the name of the node in its fleet */
export function historyStore (networks: Networks, datastore: Datastore, clock: Clock, log: Logger): RecordStore {
  const store = new RecordStore({
    datastore,
    clock,
    log,
    title: 'dial history',
    prefix: '/dial-pipeline/history/',
    version: VERSION,
    delay: INTERVAL,
    maxRead: MAX_READ,
    onRead: () => { networks.trim() },
    records: {
      has: name => name === MEMBER || networks.get(partOf(name).network) != null,
      encode: name => {
        if (name === MEMBER) {
          return networks.member
        }

        const { network, level, shard } = partOf(name)
        const codec: Codec<any> = codecs[level]
        const records: Iterable<[string, any]> = networks.get(network)?.[level] ?? []
        const entries = Array.from(records).filter(([key]) => shardOf(level, key) === shard)

        return entries.length === 0 ? undefined : entries.map(([key, record]) => [key, codec.encode(record)])
      },
      restore: (name, entries: Array<[string, unknown]>) => {
        if (name === MEMBER) {
          networks.member ??= String(entries)
          return name
        }

        const { network, level } = partOf(name)
        const codec: Codec<any> = codecs[level]
        const records: Bounded<any> = networks.make(network)[level]

        for (const [key, written] of entries) {
          // observations since the start take precedence
          if (records.get(key) === undefined) {
            records.set(key, codec.decode(written, clock.now()))
          }
        }

        return name
      }
    }
  })

  networks.onNamed = () => { store.changed(MEMBER) }
  networks.onChange = (network, level, key) => {
    const names = level == null || key == null ? namesOf(network) : [nameOf({ network, level, shard: shardOf(level, key) })]
    names.forEach(name => { store.changed(name) })
  }

  return store
}

interface Part {
  readonly network?: string
  readonly level: Level
  readonly shard: number
}

function shardOf (level: Level, key: string): number {
  return hashText(key) % SHARDS[level]
}

/** Returns the name of a record, which a datastore may use as a path */
function nameOf ({ network, level, shard }: Part): string {
  return `${network == null ? 'unnamed' : `named-${encodeURIComponent(network)}`}/${level}/${shard}`
}

function partOf (name: string): Part {
  const [place = '', level, shard] = name.split('/')

  return { network: place === 'unnamed' ? undefined : decodeURIComponent(place.slice('named-'.length)), level: level as Level, shard: Number(shard) }
}

function namesOf (network: string | undefined): string[] {
  return (Object.keys(SHARDS) as Level[]).flatMap(level => Array.from({ length: SHARDS[level] }, (_, shard) => nameOf({ network, level, shard })))
}
