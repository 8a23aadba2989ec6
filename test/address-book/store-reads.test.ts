import { fc, testProp } from '@fast-check/ava'
import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore/key'
import { sealRecord } from '../../src/records/seal-record.ts'
import { dose } from '../support/dose.ts'
import { pairs } from '../datastore/kit.ts'
import { addr, addrs, HOUR, newKey, newPeers, node, SECOND, texts } from './kit.ts'
import { keyOf, restarted } from './restarted-node.ts'
import type { Pair } from 'interface-datastore'
import type { PeerId } from '@libp2p/interface'

const { key, peer } = await newKey()
const [other, third] = await newPeers(2) as [PeerId, PeerId]

test('start() succeeds and logs when the datastore cannot be read', async t => {
  const datastore = new MemoryDatastore()
  datastore.query = () => { throw new Error('broken') }
  const { book, log } = node({ datastore })
  await book.start()
  t.is(log.length, 1)
  t.is(book.observe(peer, addr(1), { source: 'user' }), 1)
  await book.stop()
})

test('start() waits 10 s for a datastore that does not answer, and merges its answer later', async t => {
  const { book, clock, datastore, log } = await restarted(({ book }) => { [peer, other].forEach(one => { book.observe(one, addr(1), { source: 'user' }) }) })
  const before = pairs(datastore)

  const { promise, resolve } = Promise.withResolvers<void>()
  const query = datastore.query.bind(datastore)
  datastore.query = async function * (request) {
    yield before[0] as Pair
    yield null as unknown as Pair
    await promise
    yield * query(request)
  }

  const begun = clock.now()
  await clock.until(book.beforeStart())
  await book.start()
  t.is(clock.now(), begun + 10 * SECOND)
  t.deepEqual([book.size, log.length], [1, 1])
  book.observe(peer, addr(2), { source: 'user' })
  book.observe(other, addr(2), { source: 'user' })
  await clock.advance(HOUR)
  t.deepEqual(pairs(datastore), before, 'nothing is written before all is read')

  resolve()
  await clock.advance(SECOND)
  t.deepEqual([texts(book, peer).length, texts(book, other).length], [2, 2])
  t.notDeepEqual(pairs(datastore), before)
  await book.stop()
})

test('the book remembers at most maxPeers peers that are forgotten before the store is read', async t => {
  const { book } = await restarted(({ book }) => { [peer, other, third].forEach(one => { book.observe(one, addr(1), { source: 'user' }) }) }, { maxPeers: 2 })
  ;[peer, other, third].forEach(one => { book.forget(one) })
  await book.start()
  t.deepEqual([peer, other, third].map(one => texts(book, one).length), [0, 0, 1])
  await book.stop()
})

function * foreign (count: number): Generator<Pair> {
  for (let i = 0; i < count; i++) {
    yield { key: new Key('/dial-pipeline/addresses/foreign'), value: new Uint8Array() }
  }
}

for (const [maxPeers, count] of [[10_000, 100_000], [20_000, 180_000]] as const) {
  test(`a book of ${maxPeers} peers reads all of ${count} records`, async t => {
    const datastore = new MemoryDatastore()
    datastore.query = () => foreign(count)
    const { book, log } = node({ datastore, maxPeers })
    await book.start()
    t.false(log.join().includes('read no more than'))
    await book.stop()
  })
}

test('a stored peer beyond the first 100,000 records is read before it is overwritten, and not deleted', async t => {
  const signer = await newKey()
  const { book, clock, datastore, log } = await restarted(async ({ book }) => {
    [peer, other].forEach(one => { book.observe(one, addr(1), { source: 'user' }) })
    await book.consumeRecord(await sealRecord(signer.key, { seq: 5n, multiaddrs: [] }))
  })
  const { query } = datastore
  datastore.query = () => foreign(100_001)
  await book.start()
  t.regex(log[0] ?? '', /^read no more than /)
  book.observe(peer, addr(2), { source: 'user' })
  await book.consumeRecord(await sealRecord(signer.key, { seq: 4n, multiaddrs: [] }))
  await book.stop()

  datastore.query = query
  const again = node({ datastore, clock })
  await again.book.start()
  t.deepEqual(texts(again.book, peer).toSorted(), [addr(1), addr(2)].map(String))
  t.is(texts(again.book, other).length, 1)
  t.is(again.book.minSeq(signer.peer), 5n)
  await again.book.stop()
})

test('stored entries that are torn, foreign or of another version are skipped, with one log line', async t => {
  const { book, datastore, log } = await restarted(({ book }) => { [peer, other].forEach(one => { book.observe(one, addr(1), { source: 'user' }) }) })
  const whole = datastore.get(keyOf(peer)) as Uint8Array

  await datastore.put(keyOf(other), whole.subarray(0, whole.length - 3))
  await datastore.put(keyOf(third), whole)
  await datastore.put(new Key('/dial-pipeline/addresses/foreign'), new TextEncoder().encode('{"peer":"store"}'))
  await datastore.put(new Key('/dial-pipeline/addresses/empty'), new Uint8Array())
  await datastore.put(new Key('/dial-pipeline/addresses/version'), whole.with(0, 2))
  await datastore.put(new Key('/dial-pipeline/other'), new Uint8Array())

  await book.start()
  t.deepEqual(texts(book, peer), [`${addr(1)}`])
  t.is(book.size, 1)
  t.is(log.length, 1)
  t.regex(log[0] ?? '', /skipped %d records .* 5 addresses \/dial-pipeline/)
  await book.stop()
})

const { datastore: whole } = await restarted(async ({ book }) => {
  book.observe(peer, addrs(1, 3), { source: 'user' })
  await book.consumeRecord(await sealRecord(key, { seq: 5n, multiaddrs: addrs(3, 4) }))
})
const original = whole.get(keyOf(peer)) as Uint8Array

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
