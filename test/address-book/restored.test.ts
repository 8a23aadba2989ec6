// data of an earlier start that a book restores, and merges with what it already knows
import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { candidate } from '../../src/pipeline/candidate.ts'
import { sealRecord } from '../../src/records/seal-record.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { addr, addrs, fakePeers, HOUR, known, MINUTE, newKey, newPeers, node, SECOND, texts } from './kit.ts'
import type { Node, NodeInit } from './kit.ts'
import type { PeerId } from '@libp2p/interface'
import type { Pair } from 'interface-datastore'

const { key, peer } = await newKey()
const [other, reporter, third] = await newPeers(3) as [PeerId, PeerId, PeerId]

/** Returns a restarted node, not started yet. `live` runs in the node before the restart */
async function after (live: (first: Node) => unknown, init: NodeInit = {}): Promise<Node & { datastore: MemoryDatastore }> {
  const datastore = new MemoryDatastore()
  const first = node({ datastore, clock: new VirtualClock(1e12) })
  await first.book.start()
  await live(first)
  await first.book.stop()

  return { ...node({ datastore, clock: first.clock, ...init }), datastore }
}

function stored (datastore: MemoryDatastore): number {
  return [...datastore.query({}) as Iterable<Pair>].length
}

test('a restart merges stored and new reports, one for each source and reporter', async t => {
  const { book, clock } = await after(({ book }) => {
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
  const { book, clock } = await after(({ book }) => { book.observe(peer, addr(1), { source: 'dht' }) })
  book.observe(peer, addr(2), { source: 'user' })
  await book.start()
  await clock.advance(2 * MINUTE - 1)
  t.deepEqual(texts(book, peer), [addr(2), addr(1)].map(String))
  await clock.advance(1)
  t.deepEqual(texts(book, peer), [`${addr(2)}`])
  await book.stop()
})

test('start() sets no timer when neither stored nor new reports can expire', async t => {
  const { book, clock } = await after(({ book }) => { book.observe(peer, addr(1), { source: 'user' }) })
  book.observe(peer, addr(2), { source: 'user' })
  await book.start()
  // the new address is written
  await clock.advance(SECOND)
  t.is(clock.pending, 0)
  await book.stop()
})

test('a stored user-given peer keeps its protection from eviction after a restart, also when hearsay named it first', async t => {
  const { book } = await after(({ book }) => { book.observe(peer, addr(1), { source: 'user' }) }, { maxPeers: 4 })
  book.observe(peer, addr(2), { source: 'dht' })
  await book.start()
  fakePeers(8).forEach(one => { book.observe(one, addr(1), { source: 'dht' }) })
  t.deepEqual(texts(book, peer), [addr(2), addr(1)].map(String))
  await book.stop()
})

test('a stored pin covers reports that were made before the store was read, for ten minutes', async t => {
  const { book, clock } = await after(({ book }) => { book.owner('dcutr').pin(peer) })
  book.observe(peer, addr(1), { source: 'dht' })
  await book.start()
  await clock.advance(10 * MINUTE - 1)
  t.deepEqual(texts(book, peer), [`${addr(1)}`])
  await clock.advance(1)
  t.deepEqual(texts(book, peer), [])
  await book.stop()
})

for (const isConnected of [false, true]) {
  test(`a pin of five minutes that was made ${isConnected ? 'while there was a connection' : 'without a connection'} lasts no longer over a restart`, async t => {
    const { book, clock } = await after(({ book, connect }) => {
      if (isConnected) {
        connect(peer, addr(9), 'inbound')
      }

      book.owner('dcutr').pin(peer, { addresses: [addr(1)], ttl: 5 * MINUTE })
    })
    await book.start()
    await clock.advance(5 * MINUTE - 1)
    t.true(texts(book, peer).includes(`${addr(1)}`))
    await clock.advance(1)
    t.false(texts(book, peer).includes(`${addr(1)}`))
    await book.stop()
  })

  test(`a node that was killed ${isConnected ? 'while it was connected' : 'without a connection'} restores the rest of a pin of five minutes`, async t => {
    const datastore = new MemoryDatastore()
    const first = node({ datastore })
    await first.book.start()

    if (isConnected) {
      first.connect(peer, addr(9), 'inbound')
    }

    first.book.owner('dcutr').pin(peer, { addresses: [addr(1)], ttl: 5 * MINUTE })
    await first.clock.advance(SECOND)
    const { book, clock } = node({ datastore, clock: new VirtualClock(first.clock.now()) })
    await book.start()
    await clock.advance(5 * MINUTE - SECOND - 1)
    t.true(texts(book, peer).includes(`${addr(1)}`))
    await clock.advance(SECOND + 1)
    t.false(texts(book, peer).includes(`${addr(1)}`))
    await book.stop()
    await first.book.stop()
  })
}

test('a stored record does not replace a consumed one of the same seq', async t => {
  const { book } = await after(async ({ book }) => book.consumeRecord(await sealRecord(key, { seq: 2n, multiaddrs: addrs(1, 3) })))
  const later = await sealRecord(key, { seq: 2n, multiaddrs: addrs(2, 4) })
  await book.consumeRecord(later)
  await book.start()
  t.deepEqual(known(book, peer), { [`${addr(2)}`]: ['certified'], [`${addr(3)}`]: ['certified'] })
  t.deepEqual(book.records(peer).get(`${peer}`)?.envelope, later)
  await book.stop()
})

test('an older stored record is dropped when a newer one was consumed before the store was read', async t => {
  const { book } = await after(async ({ book }) => book.consumeRecord(await sealRecord(key, { seq: 1n, multiaddrs: [addr(1)] })))
  await book.consumeRecord(await sealRecord(key, { seq: 2n, multiaddrs: [addr(2)] }))
  await book.start()
  t.deepEqual(known(book, peer), { [`${addr(2)}`]: ['certified'] })
  t.notRegex(book.explain(peer), /no record/)
  await book.stop()
})

test('subscribers hear when the stored minimum seq removes an older record', async t => {
  const { book } = await after(async ({ book }) => book.consumeRecord(await sealRecord(key, { seq: 5n, multiaddrs: [] })))
  let heard = 0
  await book.consumeRecord(await sealRecord(key, { seq: 3n, multiaddrs: [addr(3)] }))
  book.subscribe(peer, () => { heard++ })
  await book.start()
  t.is(heard, 1)
  t.is(book.size, 0)
  t.is(book.minSeq(peer), 5n)
  await book.stop()
})

test('the minimum seq of a removed record is not written again after a restart, and is deleted after a day', async t => {
  const { book, clock, datastore } = await after(async ({ book }) => book.consumeRecord(await sealRecord(key, { seq: 5n, multiaddrs: [] })))
  const batch = datastore.batch.bind(datastore)
  let writes = 0
  datastore.batch = () => {
    writes++

    return batch()
  }
  await book.start()
  await clock.advance(MINUTE)
  await book.stop()
  t.is(writes, 0)

  await clock.advance(24 * HOUR - MINUTE - 1)
  const last = node({ datastore, clock })
  await last.book.start()
  await last.book.stop()
  t.is(stored(datastore), 1)

  await clock.advance(1)
  const again = node({ datastore, clock })
  await again.book.start()
  await again.book.stop()
  t.is(stored(datastore), 0)
})

test('forgetting a peer before the store is read deletes its stored reports', async t => {
  const { book, datastore } = await after(({ book }) => { book.observe(peer, addr(1), { source: 'user' }) })
  book.forget(peer)
  await book.start()
  t.is(book.size, 0)
  await book.stop()
  t.is(stored(datastore), 0)
})

test('a pinned peer that is forgotten before the store is read does not return after another restart', async t => {
  const { book, clock, datastore } = await after(({ book }) => {
    book.observe(peer, addr(1), { source: 'user' })
    book.owner('dcutr').pin(peer, { addresses: [addr(1)] })
  })
  book.forget(peer)
  await book.start()
  t.deepEqual(known(book, peer), { [`${addr(1)}`]: [] })
  await book.stop()
  const again = node({ datastore, clock })
  await again.book.start()
  t.deepEqual(known(again.book, peer), { [`${addr(1)}`]: [] })
  await again.book.stop()
})

for (const [read, now] of [[5n, 7n], [7n, 5n], [7n, 7n]] as const) {
  test(`the minimum seq is 7 when ${read} was stored and ${now} is known`, async t => {
    const { book } = await after(async ({ book }) => book.consumeRecord(await sealRecord(key, { seq: read, multiaddrs: [] })))
    await book.consumeRecord(await sealRecord(key, { seq: now, multiaddrs: [] }))
    await book.start()
    t.is(book.minSeq(peer), 7n)
    await book.stop()
  })
}

test('the book remembers at most maxPeers peers that are forgotten before the store is read', async t => {
  const { book } = await after(({ book }) => { [peer, other, third].forEach(one => { book.observe(one, addr(1), { source: 'user' }) }) }, { maxPeers: 2 })
  ;[peer, other, third].forEach(one => { book.forget(one) })
  await book.start()
  t.deepEqual([peer, other, third].map(one => texts(book, one).length), [0, 0, 1])
  await book.stop()
})

test('a node killed with two connections to a peer lists the later connection\'s address first', async t => {
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

test('the sources of a dialled report survive a restart', async t => {
  const datastore = new MemoryDatastore()
  const first = node({ datastore })
  await first.book.start()
  const connection = first.connect(peer, addr(1))
  await first.clock.advance(SECOND)
  first.book.attempted(candidate(addr(1), undefined, { provenance: [{ source: 'dht' }] }), 'connected', connection)
  await first.clock.advance(SECOND)
  const { book } = node({ datastore, clock: first.clock })
  await book.start()
  t.deepEqual(book.query(peer)[0]?.provenance.map(({ source, from }) => [source, from]), [['dialled', ['dht']]])
  await book.stop()
  await first.book.stop()
})
