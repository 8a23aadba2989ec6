import { fc, testProp } from '@fast-check/ava'
import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore/key'
import { sealRecord } from '../../src/records/seal-record.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { TurnCounter } from '../datastore/turn-counter.ts'
import { dose } from '../support/dose.ts'
import { addr, addrs, fakePeers, HOUR, known, MINUTE, newKey, newPeers, node, SECOND, texts } from './kit.ts'
import type { Datastore, Pair } from 'interface-datastore'
import type { PeerId } from '@libp2p/interface'

const { key, peer } = await newKey()
const [other, third, reporter] = await newPeers(3) as [PeerId, PeerId, PeerId]

const keyOf = (peer: PeerId): Key => new Key(`/dial-pipeline/addresses/${peer.toCID().toString()}`)

function pairs (datastore: Datastore): Pair[] {
  return [...datastore.query({}) as Generator<Pair>]
}

/** A datastore that records its writes, and fails on demand */
class Telling extends MemoryDatastore {
  readonly perTurn = new TurnCounter()
  commits: string[][] = []
  isBroken = false

  override batch (): ReturnType<MemoryDatastore['batch']> {
    const batch = super.batch()
    const ops: string[] = []

    return {
      put: (key, value) => {
        ops.push(`put ${key.toString()}`)
        this.perTurn.add()
        batch.put(key, value)
      },
      delete: key => {
        ops.push(`delete ${key.toString()}`)
        batch.delete(key)
      },
      commit: async () => {
        if (this.isBroken) {
          throw new Error('broken')
        }

        this.commits.push(ops)
        await batch.commit()
      }
    }
  }
}

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
  first.book.observe(other, addr(5), { source: 'identify', seq: 7n, ttl: SECOND })
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

test('changed peers are written together after one second, and deleted peers are deleted', async t => {
  const datastore = new Telling()
  const { book, clock } = node({ datastore })
  await book.start()
  t.is(clock.pending, 0)
  book.observe(peer, addr(1), { source: 'user' })
  book.observe(other, addr(1), { source: 'user' })
  await clock.advance(999)
  t.deepEqual(datastore.commits, [])
  book.observe(other, addr(2), { source: 'user' })
  await clock.advance(1)
  t.deepEqual(datastore.commits.splice(0), [[`put ${keyOf(peer).toString()}`, `put ${keyOf(other).toString()}`]])
  t.is(clock.pending, 0)

  book.observe(other, addr(2), { source: 'user' })
  book.query(peer)
  await clock.advance(MINUTE)
  t.deepEqual(datastore.commits.splice(0), [[`put ${keyOf(other).toString()}`]])

  book.removeReports('user', { peer })
  await book.stop()
  t.deepEqual(datastore.commits, [[`delete ${keyOf(peer).toString()}`]])
  t.is(clock.pending, 0)
})

test('writing 10,000 changed peers encodes at most 50 in one turn of the event loop', async t => {
  const datastore = new Telling()
  const { book } = node({ datastore })
  await book.start()
  const peers = fakePeers(10_000)
  peers.forEach(peer => book.observe(peer, addr(1), { source: 'user' }))
  await book.stop()
  t.is(datastore.commits.length, 200)
  t.is(datastore.perTurn.max, 50)

  const again = node({ datastore })
  await again.book.start()
  t.is(again.book.size, 10_000)
  await again.book.stop()
})

test('a failed write is retried with later changes', async t => {
  const datastore = new Telling()
  const { book, clock, log } = node({ datastore })
  await book.start()
  datastore.isBroken = true
  book.observe(peer, addr(1), { source: 'user' })
  await clock.advance(2 * SECOND)
  t.is(log.length, 2)
  datastore.isBroken = false
  await clock.advance(2 * SECOND)
  t.is(datastore.commits.length, 1)
  await book.stop()
})

test('failed writes back off, try 50 peers at most, and delete evicted peers once the datastore recovers', async t => {
  const datastore = new Telling()
  const { book, clock, log } = node({ datastore, maxPeers: 20 })
  await book.start()
  const peers = await newPeers(300)
  peers.slice(0, 10).forEach(peer => book.observe(peer, addr(1), { source: 'identify' }))
  await clock.advance(SECOND)
  t.is(datastore.commits.splice(0).length, 1)
  const stored = pairs(datastore).length

  const tried: number[] = []
  const { batch } = datastore
  datastore.batch = () => {
    const i = tried.push(0) - 1
    const count = (): void => { tried[i] = (tried[i] ?? 0) + 1 }

    return { put: count, delete: count, commit: async () => { throw new Error('disk full') } }
  }

  for (const peer of peers.slice(10)) {
    book.observe(peer, addr(1), { source: 'identify' })
    await clock.advance(SECOND)
  }

  t.is(log.length, 9, 'in 290 s: after 1, 2, 4, ... s')
  t.true(Math.max(...tried) <= 50)
  t.is(pairs(datastore).length, stored)

  datastore.batch = batch
  await book.stop()
  t.deepEqual(new Set(pairs(datastore).map(({ key }) => key.toString())), new Set(peers.slice(-20).map(peer => keyOf(peer).toString())), 'evicted peers are deleted, and all others are written')
  t.is(clock.pending, 0)
})

test('the minimum seq of an evicted record is written, however many peers changed since', async t => {
  const datastore = new Telling()
  const clock = new VirtualClock(0)
  const first = node({ datastore, clock, maxPeers: 20 })
  await first.book.start()
  datastore.isBroken = true
  await first.book.consumeRecord(await sealRecord(key, { seq: 5n, multiaddrs: [] }))
  fakePeers(3_000).forEach(peer => first.book.observe(peer, addr(1), { source: 'identify' }))
  datastore.isBroken = false
  await first.book.stop()

  const second = node({ datastore, clock })
  await second.book.start()
  t.like(await second.book.consumeRecord(await sealRecord(key, { seq: 4n, multiaddrs: addrs(1, 2) })), { status: 'refused', reason: 'replayed' })
  await second.book.stop()
})

test('a peer that is evicted before its first write is not written', async t => {
  const datastore = new Telling()
  const { book, clock } = node({ datastore, maxPeers: 20 })
  await book.start()
  const peers = await newPeers(60)

  for (const some of [peers.slice(0, 20), peers.slice(20)]) {
    some.forEach(peer => book.observe(peer, addr(1), { source: 'identify' }))
    await clock.advance(SECOND)
  }

  t.is(datastore.commits.flat().filter(one => one.startsWith('put')).length, 40)
  t.is(datastore.commits.flat().filter(one => one.startsWith('delete')).length, 20)
  t.is(pairs(datastore).length, 20)
  await book.stop()
})

test('stored peers that could not be read are not deleted by evictions', async t => {
  const datastore = new Telling()
  const first = node({ datastore })
  await first.book.start()
  first.book.observe(peer, addr(1), { source: 'user' })
  await first.book.stop()

  const query = datastore.query.bind(datastore)
  const peers = await newPeers(20)

  for (const answer of [
    () => { throw new Error('locked') },
    () => [{ key: keyOf(peer), value: Uint8Array.of(1) }]
  ]) {
    datastore.query = answer as unknown as Datastore['query']
    const { book } = node({ datastore, maxPeers: 5 })
    await book.start()
    peers.forEach(peer => book.observe(peer, addr(1), { source: 'identify' }))
    await book.stop()
  }

  datastore.query = query
  t.is(pairs(datastore).length, 6)
})

test('stop() does not wait for a write that hangs, and no other write starts', async t => {
  const datastore = new Telling()
  const { book, clock, log } = node({ datastore })
  await book.start()
  let tried = 0
  datastore.batch = () => {
    tried++
    return { put: () => {}, delete: () => {}, commit: async () => new Promise(() => {}) }
  }

  for (const i of [1, 2, 3, 4, 5]) {
    book.observe(peer, addr(i), { source: 'user' })
    await clock.advance(SECOND)
  }

  await clock.until(book.stop())
  t.is(tried, 1)
  t.is(log.length, 1)
  t.is(clock.pending, 0)
})

test('start() waits 10 s for a datastore that does not answer, and merges its answer later', async t => {
  const datastore = new MemoryDatastore()
  const first = node({ datastore })
  await first.book.start()
  first.book.observe(peer, addr(1), { source: 'user' })
  first.book.observe(other, addr(1), { source: 'user' })
  await first.book.stop()
  const before = pairs(datastore)

  const { promise, resolve } = Promise.withResolvers<void>()
  const query = datastore.query.bind(datastore)
  datastore.query = async function * (request) {
    yield before[0] as Pair
    yield null as unknown as Pair
    await promise
    yield * query(request)
  }

  const { book, clock, log } = node({ datastore })
  const begun = clock.now()
  await clock.until(book.beforeStart())
  await book.start()
  t.is(clock.now(), begun + 10 * SECOND)
  t.deepEqual([book.size, log.length], [1, 1])
  book.observe(peer, addr(2), { source: 'user' })
  book.observe(other, addr(2), { source: 'user' })
  await clock.advance(HOUR)
  t.deepEqual([...query({}) as Generator<Pair>], before, 'nothing is written before all is read')

  resolve()
  await clock.advance(SECOND)
  t.deepEqual([texts(book, peer).length, texts(book, other).length], [2, 2])
  t.notDeepEqual([...query({}) as Generator<Pair>], before)
  await book.stop()
})

test('stored entries that are torn, foreign or of another version are skipped, with one log line', async t => {
  const datastore = new MemoryDatastore()
  const first = node({ datastore })
  await first.book.start()
  first.book.observe(peer, addr(1), { source: 'user' })
  first.book.observe(other, addr(1), { source: 'user' })
  await first.book.stop()
  const whole = datastore.get(keyOf(peer)) as Uint8Array

  await datastore.put(keyOf(other), whole.subarray(0, whole.length - 3))
  await datastore.put(keyOf(third), whole)
  await datastore.put(new Key('/dial-pipeline/addresses/foreign'), new TextEncoder().encode('{"peer":"store"}'))
  await datastore.put(new Key('/dial-pipeline/addresses/empty'), new Uint8Array())
  await datastore.put(new Key('/dial-pipeline/addresses/version'), whole.with(0, 2))
  await datastore.put(new Key('/dial-pipeline/other'), new Uint8Array())

  const second = node({ datastore })
  await second.book.start()
  t.deepEqual(texts(second.book, peer), [addr(1).toString()])
  t.is(second.book.size, 1)
  t.is(second.log.length, 1)
  t.regex(second.log[0] ?? '', /skipped %d records .* 5 addresses \/dial-pipeline/)
  await second.book.stop()
})

test('a stored record beyond the first 100,000 is read before it is overwritten, and not deleted', async t => {
  const datastore = new MemoryDatastore()
  const first = node({ datastore })
  await first.book.start()
  first.book.observe(peer, addr(1), { source: 'user' })
  first.book.observe(other, addr(1), { source: 'user' })
  await first.book.stop()

  const query = datastore.query.bind(datastore)
  datastore.query = function * () {
    for (let i = 0; i <= 100_000; i++) {
      yield { key: new Key('/dial-pipeline/addresses/foreign'), value: new Uint8Array() }
    }
  }
  const second = node({ datastore })
  await second.book.start()
  t.is(second.log.length, 2)
  second.book.observe(peer, addr(2), { source: 'user' })
  await second.book.stop()

  datastore.query = query
  const third = node({ datastore })
  await third.book.start()
  t.deepEqual(texts(third.book, peer).toSorted(), [addr(1), addr(2)].map(address => address.toString()))
  t.is(texts(third.book, other).length, 1)
  await third.book.stop()
})

test('start() succeeds and logs when the datastore cannot be read', async t => {
  const datastore = new MemoryDatastore()
  datastore.query = () => { throw new Error('broken') }
  const { book, log } = node({ datastore })
  await book.start()
  t.is(log.length, 1)
  t.is(book.observe(peer, addr(1), { source: 'user' }), 1)
  await book.stop()
})

test('entries that could not be read are read again before they are overwritten', async t => {
  const datastore = new MemoryDatastore()
  const first = node({ datastore })
  await first.book.start()
  first.book.observe(peer, addr(1), { source: 'user' })
  first.book.observe(other, addr(1), { source: 'user' })
  first.book.owner('app').pin(peer, { addresses: [addr(1)], ttl: HOUR })
  await first.book.stop()
  const before = pairs(datastore)

  let failures = 0
  const query = datastore.query.bind(datastore)
  datastore.query = async function * (request) {
    yield before[0] as Pair

    if (++failures < 5) {
      throw new Error('locked')
    }

    yield * query(request)
  }
  const { book, clock, log } = node({ datastore })
  await book.beforeStart()
  await book.start()
  t.is(book.size, 1)
  // a report that is removed after the start does not come back
  const read = before[0]?.key.toString() === keyOf(peer).toString() ? peer : other
  book.removeReports('user', { peer: read })
  book.observe(peer, addr(2), { source: 'identify' })
  book.observe(other, addr(2), { source: 'identify' })
  await clock.advance(15 * SECOND - 1)
  t.deepEqual([...query({}) as Generator<Pair>], before)
  t.is(log.length, 4)
  await clock.advance(2 * SECOND)
  t.is(texts(book, read === peer ? other : peer).length, 2)
  t.false(book.query(read).some(({ provenance }) => provenance.some(({ source }) => source === 'user')))
  await book.stop()
  t.is(clock.pending, 0)

  datastore.query = query
  const third = node({ datastore, clock })
  await third.book.start()
  t.deepEqual([texts(third.book, peer), texts(third.book, other)].map(({ length }) => length), [texts(book, peer), texts(book, other)].map(({ length }) => length))
  await third.book.stop()
})

test('reports that expired while the node was down are deleted from the datastore', async t => {
  const datastore = new MemoryDatastore()
  const clock = new VirtualClock(0)
  const first = node({ datastore, clock })
  await first.book.start()
  first.book.observe(peer, addr(1), { source: 'dht' })
  await first.book.stop()
  t.is(pairs(datastore).length, 1)

  await clock.advance(HOUR)
  const second = node({ datastore, clock })
  await second.book.start()
  t.is(second.book.size, 0)
  await clock.advance(SECOND)
  t.is(pairs(datastore).length, 0)
  await second.book.stop()
})

test('reports made before the store is read are merged with the stored ones', async t => {
  const datastore = new MemoryDatastore()
  const clock = new VirtualClock(0)
  const first = node({ datastore, clock })
  await first.book.start()
  first.book.observe(peer, addrs(1, 3), { source: 'user' })
  await first.book.consumeRecord(await sealRecord(key, { seq: 5n, multiaddrs: addrs(3, 4) }))
  await first.book.stop()

  const second = node({ datastore, clock })
  second.book.observe(peer, [addr(2), addr(9)], { source: 'identify' })
  second.book.observe(peer, addr(2), { source: 'user' })
  t.is(clock.pending, 0, 'nothing is written before it is read')
  await second.book.start()
  t.deepEqual(known(second.book, peer), { [addr(2).toString()]: ['identify', 'user'], [addr(9).toString()]: ['identify'], [addr(1).toString()]: ['user'], [addr(3).toString()]: ['certified'] })
  t.is(second.book.records(peer).size, 1)
  await second.book.stop()
})

/** Sequence numbers of two records. Of a record without addresses only the number is known */
interface Meeting { read: bigint, known: bigint, isEmpty?: 'read' | 'known', stays: bigint[] }

const meetings: Meeting[] = [
  { read: 2n, known: 1n, stays: [2n] },
  { read: 2n, known: 3n, stays: [3n] },
  { read: 2n, known: 2n, stays: [2n] },
  { read: 2n, known: 3n, isEmpty: 'known', stays: [] },
  { read: 2n, known: 1n, isEmpty: 'read', stays: [] }
]

for (const { read, known: knownSeq, isEmpty, stays } of meetings) {
  test(`only the newest of a stored record of seq ${read} and a known one of seq ${knownSeq} certifies addresses${isEmpty == null ? '' : `, when the ${isEmpty} one has none`}`, async t => {
    const datastore = new MemoryDatastore()
    const clock = new VirtualClock(1e12)
    const sealed = async (seq: bigint, which: 'read' | 'known'): Promise<Uint8Array> => sealRecord(key, { seq, multiaddrs: which === isEmpty ? [] : [addr(Number(seq))] })
    const first = node({ datastore, clock })
    await first.book.start()
    await first.book.consumeRecord(await sealed(read, 'read'))
    await first.book.stop()

    const second = node({ datastore, clock })
    await second.book.consumeRecord(await sealed(knownSeq, 'known'))
    await second.book.start()
    t.deepEqual(texts(second.book, peer), stays.map(seq => addr(Number(seq)).toString()))
    t.deepEqual([...second.book.records(peer).values()].map(({ seq }) => seq), stays)
    await second.book.stop()

    const third = node({ datastore, clock })
    await third.book.start()
    t.deepEqual(texts(third.book, peer), stays.map(seq => addr(Number(seq)).toString()), 'after another restart')
    await third.book.stop()
  })
}

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

test('an address that was invalidated is not covered by its pin after a restart', async t => {
  const datastore = new MemoryDatastore()
  const first = node({ datastore })
  await first.book.start()
  first.book.owner('dcutr').pin(peer, { addresses: addrs(1, 3) })
  first.book.invalidate(peer, addr(1))
  await first.book.stop()

  const second = node({ datastore, clock: new VirtualClock(first.clock.now()) })
  await second.book.start()
  second.book.observe(peer, addr(1), { source: 'dht' })
  await second.clock.advance(5 * MINUTE)
  t.deepEqual(texts(second.book, peer), [addr(2).toString()])
  await second.book.stop()
})

test('pins survive a restart for ten minutes, unless their owners pin again', async t => {
  const datastore = new MemoryDatastore()
  const clock = new VirtualClock(1e12)
  const first = node({ datastore, clock })
  await first.book.start()
  first.book.observe(peer, addr(1), { source: 'dht' })
  first.book.observe(other, addr(1), { source: 'dht' })
  const owner = first.book.owner('dcutr')
  owner.pin(peer, { addresses: [addr(1)], ttl: 5 * HOUR })
  owner.pin(other, { ttl: 5 * HOUR })
  first.book.observe(third, addr(3), { source: 'user' })
  await first.book.stop()

  await clock.advance(HOUR)
  const second = node({ datastore, clock })
  await second.book.start()
  t.deepEqual([peer, other, third].map(peer => texts(second.book, peer).length), [1, 1, 1])
  t.regex(second.book.explain(peer), /pinned by dcutr until .*, before the last start/)
  const again = second.book.owner('dcutr').pin(peer, { addresses: [addr(1)], ttl: HOUR })
  t.notRegex(second.book.explain(peer), /before the last start/)

  await clock.advance(10 * MINUTE)
  t.deepEqual([peer, other, third].map(peer => texts(second.book, peer).length), [1, 0, 1])
  again.release()
  t.deepEqual([peer, other, third].map(peer => texts(second.book, peer).length), [0, 0, 1])
  await second.book.stop()
})

const stored = new MemoryDatastore()
const writer = node({ datastore: stored })
await writer.book.start()
writer.book.observe(peer, addrs(1, 3), { source: 'user' })
await writer.book.consumeRecord(await sealRecord(key, { seq: 5n, multiaddrs: addrs(3, 4) }))
await writer.book.stop()
const original = stored.get(keyOf(peer)) as Uint8Array

test('the stored format begins with version 1', t => {
  t.is(original[0], 1)
})

testProp('a mutated stored entry is skipped and logged', [fc.nat(original.length - 1), fc.nat(7), fc.constantFrom('flip', 'cut', 'junk'), fc.uint8Array({ maxLength: 40 })], async (t, at, bit, kind, junk) => {
  const datastore = new MemoryDatastore()
  const mutated = kind === 'cut' ? original.slice(0, at) : kind === 'flip' ? original.with(at, Number(original[at]) ^ (1 << bit)) : Uint8Array.from([...original.subarray(0, at), ...junk, ...original.subarray(at + 1)])
  await datastore.put(keyOf(peer), mutated)
  const { book, log } = node({ datastore })
  await book.beforeStart()
  const isSame = mutated.length === original.length && mutated.every((byte, i) => byte === original[i])
  t.is(book.size, isSame ? 1 : 0)
  t.is(log.length, isSame ? 0 : 1)
}, { numRuns: dose(10_000) })

test('a slow write finishes before the next begins', async t => {
  const datastore = new Telling()
  const { promise, resolve } = Promise.withResolvers<void>()
  const batch = datastore.batch.bind(datastore)
  let running = 0
  let most = 0
  datastore.batch = () => {
    const made = batch()

    return {
      ...made,
      commit: async () => {
        most = Math.max(most, ++running)
        await promise
        await made.commit()
        running--
      }
    }
  }
  const { book, clock } = node({ datastore })
  await book.start()
  book.observe(peer, addr(1), { source: 'user' })
  await clock.advance(SECOND)
  book.observe(peer, addr(2), { source: 'user' })
  await clock.advance(SECOND)
  resolve()
  await clock.advance(SECOND)
  t.is(most, 1)
  t.is(datastore.commits.length, 2)
  await book.stop()
})
