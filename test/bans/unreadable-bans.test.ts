import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore/key'
import { hashText } from '../../src/pipeline/hash-text.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { pairs } from '../datastore/kit.ts'
import { address, listed, live, NOW, peer, write } from './stored-bans.ts'
import type { Pair } from 'interface-datastore'

/** Returns the copies of records that could not be read */
function copies (datastore: MemoryDatastore): Uint8Array[] {
  return pairs(datastore).filter(({ key }) => key.toString().startsWith('/dial-pipeline/unreadable-bans/')).map(({ value }) => value)
}

test('damaged, foreign and incompatible stored bans are skipped and counted in the log', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  first.bans.add(peer, 60_000)
  await first.store.close()

  const [{ key, value }] = pairs(datastore) as [Pair]
  const others = [value.subarray(0, -3), value.with(0, 2), value, new TextEncoder().encode('{}'), new Uint8Array()]
  others.forEach((bytes, i) => { void datastore.put(new Key(`/dial-pipeline/bans/${(Number(key.name()) + 1 + i) % 32}`), bytes) })

  const second = await live(datastore)
  t.deepEqual(listed(second), listed(first))
  t.is(second.log.length, 1)
  t.regex(second.log[0] ?? '', /^skipped %d records .* 5 bans \/dial-pipeline\/bans\/\d+$/)
})

test('an unreadable ban does not keep the others of its record from being read', async t => {
  const datastore = new MemoryDatastore()
  const bad = [['nonsense', 1, 2], [`/dns4/${'a'.repeat(2_000)}`, NOW, null]]
  write(datastore, 7, [...bad, [peer.toString(), NOW, null], ...bad])
  const { bans, log } = await live(datastore)
  t.deepEqual(bans.list().map(({ target }) => target.toString()), [peer.toString()])
  t.is(log.length, 1)
})

test('a record with one unreadable ban is copied before it is overwritten', async t => {
  const datastore = new MemoryDatastore()
  write(datastore, hashText(`/p2p/${peer}`) % 32, [['nonsense', 1, 2], [peer.toString(), NOW, null]])
  const [record] = pairs(datastore)
  const { store, bans } = await live(datastore)
  bans.remove(peer)
  await store.close()
  t.deepEqual(copies(datastore), [record?.value])
})

test('the same unreadable record is copied once, however often a write fails', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  first.bans.add(peer, Infinity)
  await first.store.close()
  const [{ key }] = pairs(datastore) as [Pair]
  const damaged = Uint8Array.of(1, 2, 3)
  await datastore.put(key, damaged)

  const second = await live(datastore)
  const batch = datastore.batch.bind(datastore)
  let failures = 0
  datastore.batch = () => ({
    ...batch(),
    put: (key, value) => { void datastore.put(key, value) },
    commit: async () => { if (++failures < 4) { throw new Error('disk full') } }
  })
  second.bans.add(peer, 60_000)
  await second.clock.advance(10_000)
  await second.store.close()
  t.is(failures, 4)
  t.deepEqual(copies(datastore), [damaged])
})

test('an unreadable record is copied before it is overwritten', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  first.bans.add(peer, Infinity)
  await first.store.close()
  const [{ key, value }] = pairs(datastore) as [Pair]
  const later = value.with(0, 2)
  await datastore.put(key, later)

  const second = await live(datastore)
  t.regex(second.log[0] ?? '', /^skipped %d records .* 1 bans /)
  // the ban goes to another record, and this one stays unchanged
  second.bans.add(address, Infinity)
  await settled()
  t.deepEqual(await datastore.get(key), later)

  const batch = datastore.batch.bind(datastore)
  datastore.batch = () => ({ ...batch(), commit: async () => { throw new Error('disk full') } })
  second.bans.add(peer, 60_000)
  await settled()
  datastore.batch = batch
  await second.store.close()
  t.notDeepEqual(await datastore.get(key), later)
  t.deepEqual(copies(datastore), [later])

  const third = await live(datastore)
  t.deepEqual(listed(third), listed(second))
  t.deepEqual(third.log, [])
})
