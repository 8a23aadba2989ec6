import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { Key } from 'interface-datastore/key'
import { Bans } from '../../src/bans/bans.ts'
import { banStore } from '../../src/bans/store.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { encodeRecord } from '../../src/datastore/record-format.ts'
import type { DateClock } from '../../src/pipeline/date-clock.ts'
import type { RecordStore } from '../../src/datastore/record-store.ts'
import type { Logger } from '@libp2p/interface'
import type { MemoryDatastore } from 'datastore-core'
import type { Datastore } from 'interface-datastore'

export const NOW = Date.UTC(2026, 0, 1)
// the ban of the peer and the ban of the address are in different records
export const peer = peerIdFromString('12D3KooWEvWVGac8yqEd8JPXU6dBRSDmvpbc8yFhkcxUQHCQPni5')
export const address = multiaddr('/ip4/203.0.113.5/tcp/1')

/** A node's bans with their store */
interface Life {
  clock: VirtualClock
  bans: Bans
  store: RecordStore
  log: string[]
}

/**
 * Returns a store that is not open yet
 *
 * @param dates replaces the clock of the bans
 */
export function begin (datastore: Datastore, now: number = NOW, onRead?: (keys: ReadonlySet<string>) => void, dates?: DateClock): Life {
  const log: string[] = []
  const write = (...parts: unknown[]): void => { log.push(parts.join(' ')) }
  const clock = new VirtualClock(now)
  const bans = new Bans(dates ?? clock)

  return { clock, bans, log, store: banStore(bans, datastore, dates ?? clock, Object.assign(write, { error: write }) as unknown as Logger, onRead) }
}

/** Opens the store of a node's bans */
export async function live (datastore: Datastore, now?: number, dates?: DateClock): Promise<Life> {
  const life = begin(datastore, now, undefined, dates)
  await life.store.open()

  return life
}

/** Returns the times of each ban, by target */
export const listed = ({ bans }: Life): Record<string, unknown> => Object.fromEntries(bans.list().map(({ target, since, until }) => [target.toString(), [since, until]]))

/** Writes bans into a record */
export function write (datastore: MemoryDatastore, shard: number, bans: unknown): void {
  const key = new Key(`/dial-pipeline/bans/${shard}`)
  void datastore.put(key, encodeRecord(1, key.toString(), bans))
}
