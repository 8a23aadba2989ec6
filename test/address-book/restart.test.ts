import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { sealRecord } from '../../src/records/seal-record.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { pairs } from '../datastore/kit.ts'
import { addr, addrs, fakePeers, HOUR, known, MINUTE, newKey, newPeers, node, SECOND, texts } from './kit.ts'
import { restarted } from './restarted-node.ts'
import type { PeerId } from '@libp2p/interface'

const { key, peer } = await newKey()
const [other, reporter] = await newPeers(2) as [PeerId, PeerId]

test('reports, records and minimum seqs survive restarts', async t => {
  const datastore = new MemoryDatastore()
  const clock = new VirtualClock(1_700_000_000_000)
  const first = node({ datastore, clock })
  await first.book.start()
  first.book.observe(peer, addr(1), { source: 'user' })
  first.book.observe(peer, addr(1), { source: 'dht', reporter, ttl: HOUR })
  first.book.observe(peer, addr(1), { source: 'dht', reporter, ttl: HOUR })
  const bytes = await sealRecord(key, { seq: 9_007_199_254_740_993n, multiaddrs: addrs(2, 4) })
  await first.book.consumeRecord(bytes)
  first.book.observe(other, addr(5), { source: 'identify', ttl: SECOND })
  await first.book.stop()
  t.is(clock.pending, 0)

  const second = node({ datastore, clock })
  await second.book.beforeStart()
  t.deepEqual(second.book.query(peer), first.book.query(peer))
  t.deepEqual(second.book.records(peer), first.book.records(peer))
  t.is(second.book.explain(peer), first.book.explain(peer))

  await clock.advance(HOUR)
  await second.book.start()
  await second.book.stop()
  const third = node({ datastore, clock })
  await third.book.start()
  t.deepEqual(known(third.book, peer), { [addr(1).toString()]: ['user'] })
  t.like(await third.book.consumeRecord(await sealRecord(key, { seq: 5n, multiaddrs: [] })), { status: 'refused', reason: 'replayed' })
  t.is(third.book.size, 1)
  await third.book.stop()
})

test('a restart merges stored and new reports, one for each source and reporter', async t => {
  const { book, clock } = await restarted(({ book }) => {
    book.observe(peer, addr(1), { source: 'dht', reporter })
    book.observe(peer, addr(1), { source: 'dht', reporter: other })
    book.observe(peer, addr(1), { source: 'mine', reporter })
  })
  await clock.advance(SECOND)
  book.observe(peer, addr(1), { source: 'dht', reporter })
  await book.start()
  t.deepEqual(book.query(peer)[0]?.provenance.map(({ source, reporter, firstSeen }) => [source, reporter, firstSeen]), [
    ['dht', `${reporter}`, 1e12 + SECOND],
    ['dht', `${other}`, 1e12],
    ['mine', `${reporter}`, 1e12]
  ])
  await book.stop()
})

test('a stored report expires after a restart, also when the peer is user-given by then', async t => {
  const { book, clock } = await restarted(({ book }) => { book.observe(peer, addr(1), { source: 'dht' }) })
  book.observe(peer, addr(2), { source: 'user' })
  await book.start()
  await clock.advance(2 * MINUTE - 1)
  t.deepEqual(texts(book, peer), [addr(2), addr(1)].map(String))
  await clock.advance(1)
  t.deepEqual(texts(book, peer), [`${addr(2)}`])
  await book.stop()
})

test('a stored user-given peer keeps its protection from eviction after a restart, also when hearsay named it first', async t => {
  const { book } = await restarted(({ book }) => { book.observe(peer, addr(1), { source: 'user' }) }, { maxPeers: 4 })
  book.observe(peer, addr(2), { source: 'dht' })
  await book.start()
  fakePeers(8).forEach(one => { book.observe(one, addr(1), { source: 'dht' }) })
  t.deepEqual(texts(book, peer), [addr(2), addr(1)].map(String))
  await book.stop()
})

test('start() sets no timer when neither stored nor new reports can expire', async t => {
  const { book, clock } = await restarted(({ book }) => { book.observe(peer, addr(1), { source: 'user' }) })
  book.observe(peer, addr(2), { source: 'user' })
  await book.start()
  // the new address is written
  await clock.advance(SECOND)
  t.is(clock.pending, 0)
  await book.stop()
})

test('reports that expired while the node was down are deleted from the datastore', async t => {
  const { book, clock, datastore } = await restarted(({ book }) => { book.observe(peer, addr(1), { source: 'dht' }) })
  t.is(pairs(datastore).length, 1)

  await clock.advance(HOUR)
  await book.start()
  t.is(book.size, 0)
  await clock.advance(SECOND)
  t.is(pairs(datastore).length, 0)
  await book.stop()
})

test('a clock set back before a restart does not extend any expiry', async t => {
  const datastore = new MemoryDatastore()
  const first = node({ datastore, clock: new VirtualClock(2e12) })
  await first.book.start()
  first.book.observe(peer, addr(1), { source: 'identify' })
  first.book.observe(peer, addr(2), { source: 'user' })
  await first.book.consumeRecord(await sealRecord(key, { seq: 5n, multiaddrs: [] }))
  await first.book.stop()

  const second = node({ datastore, clock: new VirtualClock(1e12) })
  await second.book.start()
  t.regex(second.book.explain(peer), /no record of a seq below 5 until 2001-09-10T/)
  t.like(second.book.query(peer)[0]?.provenance[0], { firstSeen: 1e12, lastSeen: 1e12, expires: 1e12 + HOUR })
  t.is(second.book.query(peer)[1]?.provenance[0]?.expires, Infinity)
  await second.book.stop()
})

test('a node killed while connected restores the peer as if the connection had closed at that moment', async t => {
  const datastore = new MemoryDatastore()
  const clock = new VirtualClock(1e12)
  const first = node({ datastore, clock })
  await first.book.start()
  first.connect(peer, addr(1))
  first.book.observe(peer, addr(2), { source: 'identify' })
  first.book.observe(peer, addr(3), { source: 'user' })
  await clock.advance(100 * HOUR)

  const second = node({ datastore, clock })
  await second.book.start()
  const started = clock.now()
  t.deepEqual(second.book.query(peer).map(({ provenance }) => provenance[0]?.expires), [started + 24 * HOUR, started + 10 * MINUTE, Infinity])
  let heard = 0
  second.book.subscribe(peer, () => { heard++ })
  await clock.advance(11 * MINUTE)
  t.is(heard, 1, 'a sweep finds what has expired of it')
  await second.book.stop()
  await first.book.stop()
})

test('a restarted node lists first the address of the connection that was opened last before it was killed', async t => {
  const datastore = new MemoryDatastore()
  const first = node({ datastore })
  await first.book.start()
  first.connect(peer, addr(1), 'inbound')
  first.connect(peer, addr(2), 'inbound')
  first.book.observe(peer, addrs(100, 120), { source: 'identify' })
  await first.clock.advance(SECOND)
  const { book } = node({ datastore, clock: first.clock })
  await book.start()
  t.deepEqual(texts(book, peer), [addr(2), ...addrs(100, 119)].map(String))
  await book.stop()
  await first.book.stop()
})
