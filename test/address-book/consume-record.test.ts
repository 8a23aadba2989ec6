import { fc, testProp } from '@fast-check/ava'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { sealRecord } from '../../src/records/seal-record.ts'
import { dose } from '../support/dose.ts'
import { addr, addrs, HOUR, known, MINUTE, newKey, node, texts } from './kit.ts'
import { seal } from '../records/sealed.ts'
import type { Node } from './kit.ts'

const { key, peer } = await newKey()
const stranger = await newKey()

async function record (seq: number, from: number, to: number): Promise<Uint8Array> {
  return sealRecord(key, { seq: BigInt(seq), multiaddrs: addrs(from, to) })
}

function seqOf ({ book }: Node): bigint | undefined {
  return book.records(peer).get(peer.toString())?.seq
}

test('consumeRecord() accepts a record and skips its addresses over 1,024 bytes', async t => {
  const { book } = node()
  const long = multiaddr(`/dns4/${'a'.repeat(2_000)}/tcp/1`)
  const bytes = await sealRecord(key, { seq: 1n, multiaddrs: [long, addr(1), long.encapsulate('/ws')] })
  const skipped = ['2006', '2008'].map(bytes => ({ reason: 'oversized', text: `an address of ${bytes} bytes, more than 1024` }))
  t.deepEqual(await book.consumeRecord(bytes), { status: 'accepted', peerId: peer, seq: 1n, skipped })
  t.deepEqual(known(book, peer), { [addr(1).toString()]: ['certified'] })
  t.is(book.records(peer).size, 1)
})

test('a newer record replaces the certified reports of the older one, and no other reports', async t => {
  const made = node()
  const { book, connect } = made
  await book.start()
  t.deepEqual(await book.consumeRecord(await record(1, 1, 6)), { status: 'accepted', peerId: peer, seq: 1n, skipped: [] })
  t.deepEqual(book.query(peer).map(({ isCertified, provenance }) => [isCertified, provenance[0]?.seq]), Array.from({ length: 5 }, () => [true, 1n]))

  book.observe(peer, addr(2), { source: 'user' })
  book.observe(peer, addr(3), { source: 'dht' })
  book.owner('dcutr').pin(peer, { addresses: [addr(4)] })
  connect(peer, addr(5), 'inbound')

  t.is((await book.consumeRecord(await record(2, 6, 8))).status, 'accepted')
  t.deepEqual(known(book, peer), {
    [addr(2).toString()]: ['user'],
    [addr(3).toString()]: ['dht'],
    [addr(4).toString()]: [],
    [addr(5).toString()]: ['observed'],
    [addr(6).toString()]: ['certified'],
    [addr(7).toString()]: ['certified']
  })
  t.is(seqOf(made), 2n)
  await book.stop()
})

test('consumeRecord() refuses older, conflicting, malformed, foreign and own records with a reason', async t => {
  const made = node()
  const { book } = made
  await book.consumeRecord(await record(5, 1, 3))

  for (const [bytes, reason] of [[await record(4, 3, 5), 'replayed'], [await record(5, 3, 5), 'conflicting'], [await seal(key, { domain: 'other' }), 'bad-signature'], [new Uint8Array(9_000), 'oversized']] as const) {
    const result = await book.consumeRecord(bytes)
    t.like(result, { status: 'refused', reason })
    t.not(result.status === 'refused' ? result.text : '', '')
  }

  t.like(await book.consumeRecord(await record(6, 1, 2), { expectedPeer: stranger.peer }), { status: 'refused', reason: 'unexpected-peer' })
  t.deepEqual(texts(book, peer), addrs(1, 3).map(String))
  t.is(seqOf(made), 5n)
})

testProp('consumeRecord() accepts a record exactly when its seq is greater than the known one', [fc.bigInt(0n, 2n ** 64n - 1n), fc.bigInt(0n, 2n ** 64n - 1n)], async (t, first, second) => {
  const { book } = node()
  const [known, next] = await Promise.all([first, second].map(async seq => sealRecord(key, { seq, multiaddrs: [addr(1)] })))
  t.is((await book.consumeRecord(known as Uint8Array)).status, 'accepted')
  const result = await book.consumeRecord(next as Uint8Array)

  t.is(result.status, second > first ? 'accepted' : second < first ? 'refused' : 'refreshed')
  t.is(book.records(peer).get(peer.toString())?.seq, second > first ? second : first)
}, { numRuns: dose(20) })

test('consuming the same record again extends its TTL', async t => {
  const { book, clock } = node()
  const bytes = await record(1, 1, 3)
  await book.consumeRecord(bytes)
  await clock.advance(50 * MINUTE)
  t.like(await book.consumeRecord(bytes), { status: 'refreshed', seq: 1n })
  await clock.advance(50 * MINUTE)
  t.deepEqual(texts(book, peer), addrs(1, 3).map(String))
  t.is(book.query(peer)[0]?.provenance[0]?.count, 2)
})

test('a record expires with its last address, and older records are refused for another day', async t => {
  const made = node()
  const { book, clock } = made
  const bytes = await record(5, 1, 3)
  await book.consumeRecord(bytes)
  book.observe(peer, addr(9), { source: 'user' })
  await clock.advance(HOUR)
  t.is(seqOf(made), undefined)
  t.deepEqual(texts(book, peer), [addr(9).toString()])
  t.regex(book.explain(peer), /no record of a seq below 5 until/)

  book.removeReports('user')
  t.regex(book.explain(peer), /: 0 addresses, not connected, no record of a seq below 5 until/)
  await clock.advance(23 * HOUR)
  t.like(await book.consumeRecord(await record(4, 1, 3)), { status: 'refused', reason: 'replayed' })
  t.is((await book.consumeRecord(bytes)).status, 'accepted')
  t.notRegex(book.explain(peer), /no record/)
  t.is(book.removeReports('certified'), 2)
  t.is(seqOf(made), undefined)
  await clock.advance(24 * HOUR - 1)
  t.like(await book.consumeRecord(await record(4, 1, 3)), { status: 'refused', reason: 'replayed' })
  await clock.advance(1)
  t.is((await book.consumeRecord(await record(4, 1, 3))).status, 'accepted')
})

test('a record without addresses is accepted, removes all certified addresses, and refuses older records afterwards', async t => {
  const made = node()
  await made.book.consumeRecord(await record(1, 1, 3))
  t.is((await made.book.consumeRecord(await record(2, 0, 0))).status, 'accepted')
  t.deepEqual([texts(made.book, peer), seqOf(made)], [[], undefined])
  t.like(await made.book.consumeRecord(await record(1, 1, 3)), { status: 'refused', reason: 'replayed' })
  t.is((await made.book.consumeRecord(await record(3, 1, 3))).status, 'accepted')
})

test('records() returns copies of the records of several peers', async t => {
  const { book } = node()
  const bytes = await record(1, 1, 3)
  await book.consumeRecord(bytes)
  const records = book.records(peer, stranger.peer)
  t.deepEqual([...records.keys()], [peer.toString()])
  t.deepEqual(records.get(peer.toString())?.envelope, bytes)
  records.get(peer.toString())?.envelope.fill(0)
  t.deepEqual(book.records(peer).get(peer.toString())?.envelope, bytes)
})

test('consumeRecord() refuses a record as full when the book has no room for its peer', async t => {
  const { book } = node({ maxPeers: 1 })
  book.observe(stranger.peer, addr(1), { source: 'user' })
  t.like(await book.consumeRecord(await record(1, 1, 3)), { status: 'refused', reason: 'full' })
})

test('consuming four records of one peer concurrently keeps the newest, in any order', async t => {
  const records = await Promise.all([1, 2, 3, 4].map(async seq => record(seq, seq * 10, seq * 10 + 2)))
  const trials = dose(1_000, 48)
  let newest = 0

  for (let trial = 0; trial < trials; trial++) {
    const made = node()
    const order = permutation(trial % 24, records)
    await Promise.all(order.map(async bytes => made.book.consumeRecord(bytes)))
    newest += Number(seqOf(made) === 4n && texts(made.book, peer).join() === addrs(40, 42).join())
  }

  t.is(newest, trials)
})

const original = await record(7, 1, 4)
const edit = fc.record({ at: fc.nat(original.length - 1), bit: fc.nat(7), kind: fc.constantFrom('flip', 'cut', 'double') })

testProp('consuming a mutated record neither throws nor changes the book', [fc.array(edit, { minLength: 1, maxLength: 3 })], async (t, edits) => {
  let bytes = original

  for (const { at, bit, kind } of edits) {
    const i = at % Math.max(1, bytes.length)
    bytes = bytes.length === 0 ? bytes : kind === 'cut' ? bytes.slice(0, i) : Uint8Array.from(kind === 'double' ? [...bytes.subarray(0, i), ...bytes.subarray(i >> 1)] : bytes.with(i, Number(bytes[i]) ^ (1 << bit)))
  }

  const before = mutatedBook.book.explain(peer)
  const result = await mutatedBook.book.consumeRecord(bytes)

  // accepted bytes may decode to the signed record: with unknown protobuf fields, or bits flipped back
  if (result.status === 'refused') {
    t.is(mutatedBook.book.explain(peer), before)
  } else {
    t.is(result.seq, 7n)
    t.deepEqual(texts(mutatedBook.book, peer), addrs(1, 4).map(String))
  }
}, { numRuns: dose(10_000) })

const mutatedBook = node()
await mutatedBook.book.consumeRecord(original)

/** Returns the nth permutation of four items */
function permutation<T> (n: number, items: readonly T[]): T[] {
  const rest = [...items]

  return items.map((_, i) => {
    const [item] = rest.splice(n % (items.length - i), 1)
    n = Math.floor(n / (items.length - i))

    return item as T
  })
}

test('consumeRecord() accepts a record for an address that already has 16 reports', async t => {
  const made = node()

  for (let i = 0; i < 16; i++) {
    made.book.observe(peer, addr(1), { source: `application ${i}` })
  }

  t.is((await made.book.consumeRecord(await record(1, 1, 2))).status, 'accepted')
  t.is(seqOf(made), 1n)
  t.is(made.book.query(peer)[0]?.provenance.length, 16)
})

test('evicting the last address of a record removes the record, and an older one is still refused', async t => {
  const made = node()
  await made.book.consumeRecord(await record(1, 1, 2))
  made.book.observe(peer, addrs(10, 80), { source: 'user' })
  t.is(seqOf(made), undefined)
  t.like(await made.book.consumeRecord(await record(0, 1, 2)), { status: 'refused', reason: 'replayed' })
})

test('a consumed record notifies subscribers once, and not when it certifies the same addresses as the last one', async t => {
  const made = node()
  let heard = 0
  made.book.subscribe(peer, () => { heard++ })
  await made.book.consumeRecord(await record(1, 1, 3))
  t.is(heard, 1)
  await made.book.consumeRecord(await record(1, 1, 3))
  t.is(heard, 1)
  await made.book.consumeRecord(await record(2, 1, 2))
  t.is(heard, 2)
  await made.book.consumeRecord(await record(3, 1, 2))
  t.is(heard, 2)
})
