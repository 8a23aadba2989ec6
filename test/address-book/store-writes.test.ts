import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { sealRecord } from '../../src/records/seal-record.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { pairs, ScriptedDatastore } from '../datastore/kit.ts'
import { addr, addrs, fakePeers, MINUTE, newKey, newPeers, node, SECOND } from './kit.ts'
import { keyOf } from './restarted-node.ts'
import type { PeerId } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

const { key, peer } = await newKey()
const [other] = await newPeers(1) as [PeerId]

test('changed peers are written together after one second, and deleted peers are deleted', async t => {
  const clock = new VirtualClock(1e12)
  const datastore = new ScriptedDatastore(clock)
  const { book } = node({ datastore, clock })
  await book.start()
  t.is(clock.pending, 0)
  book.observe(peer, addr(1), { source: 'user' })
  book.observe(other, addr(1), { source: 'user' })
  await clock.advance(999)
  t.deepEqual(datastore.batches, [])
  book.observe(other, addr(2), { source: 'user' })
  await clock.advance(1)
  t.deepEqual(datastore.batches.splice(0), [[`${keyOf(peer)}`, `${keyOf(other)}`]])
  t.is(clock.pending, 0)

  book.observe(other, addr(2), { source: 'user' })
  book.query(peer)
  await clock.advance(MINUTE)
  t.deepEqual(datastore.batches.splice(0), [[`${keyOf(other)}`]])

  book.removeReports('user', { peer })
  await book.stop()
  t.deepEqual(datastore.batches, [[`not ${keyOf(peer)}`]])
  t.is(clock.pending, 0)
})

test('the minimum seq of an evicted record is written, however many peers changed since', async t => {
  const clock = new VirtualClock(0)
  const datastore = new ScriptedDatastore(clock)
  const first = node({ datastore, clock, maxPeers: 20 })
  await first.book.start()
  datastore.onWrite = () => { throw new Error('broken') }
  await first.book.consumeRecord(await sealRecord(key, { seq: 5n, multiaddrs: [] }))
  fakePeers(3_000).forEach(peer => first.book.observe(peer, addr(1), { source: 'identify' }))
  delete datastore.onWrite
  await first.book.stop()

  const second = node({ datastore, clock })
  await second.book.start()
  t.like(await second.book.consumeRecord(await sealRecord(key, { seq: 4n, multiaddrs: addrs(1, 2) })), { status: 'refused', reason: 'replayed' })
  await second.book.stop()
})

test('a peer that is evicted before its first write is not written', async t => {
  const clock = new VirtualClock(0)
  const datastore = new ScriptedDatastore(clock)
  const { book } = node({ datastore, clock, maxPeers: 20 })
  await book.start()
  const peers = fakePeers(60)

  for (const some of [peers.slice(0, 20), peers.slice(20)]) {
    some.forEach(peer => book.observe(peer, addr(1), { source: 'identify' }))
    await clock.advance(SECOND)
  }

  const [deleted, written] = [true, false].map(isDeleted => datastore.batches.flat().filter(text => text.startsWith('not ') === isDeleted).length)
  t.deepEqual([written, deleted, pairs(datastore).length], [40, 20, 20])
  await book.stop()
})

test('stored peers that could not be read are not deleted by evictions', async t => {
  const datastore = new MemoryDatastore()
  const first = node({ datastore })
  await first.book.start()
  first.book.observe(peer, addr(1), { source: 'user' })
  await first.book.stop()

  const { query } = datastore

  for (const answer of [
    () => { throw new Error('locked') },
    () => [{ key: keyOf(peer), value: Uint8Array.of(1) }]
  ]) {
    datastore.query = answer as unknown as Datastore['query']
    const { book } = node({ datastore, maxPeers: 5 })
    await book.start()
    fakePeers(20).forEach(peer => book.observe(peer, addr(1), { source: 'identify' }))
    await book.stop()
  }

  datastore.query = query
  t.is(pairs(datastore).length, 6)
})
