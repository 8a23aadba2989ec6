import test from 'ava'
import { sealRecord } from '../../src/records/seal-record.ts'
import { pairs } from '../datastore/kit.ts'
import { addr, addrs, HOUR, known, MINUTE, newKey, node, texts } from './kit.ts'
import { restarted } from './restarted-node.ts'

const { key, peer } = await newKey()

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
    const sealed = async (seq: bigint, which: 'read' | 'known'): Promise<Uint8Array> => sealRecord(key, { seq, multiaddrs: which === isEmpty ? [] : [addr(Number(seq))] })
    const { datastore, ...second } = await restarted(async ({ book }) => book.consumeRecord(await sealed(read, 'read')))
    await second.book.consumeRecord(await sealed(knownSeq, 'known'))
    await second.book.start()
    t.deepEqual(texts(second.book, peer), stays.map(seq => addr(Number(seq)).toString()))
    t.deepEqual([...second.book.records(peer).values()].map(({ seq }) => seq), stays)
    await second.book.stop()

    const third = node({ datastore, clock: second.clock })
    await third.book.start()
    t.deepEqual(texts(third.book, peer), stays.map(seq => addr(Number(seq)).toString()), 'after another restart')
    await third.book.stop()
  })
}

test('a stored record does not replace a consumed one of the same seq', async t => {
  const { book } = await restarted(async ({ book }) => book.consumeRecord(await sealRecord(key, { seq: 2n, multiaddrs: addrs(1, 3) })))
  const later = await sealRecord(key, { seq: 2n, multiaddrs: addrs(2, 4) })
  await book.consumeRecord(later)
  await book.start()
  t.deepEqual(known(book, peer), { [`${addr(2)}`]: ['certified'], [`${addr(3)}`]: ['certified'] })
  t.deepEqual(book.records(peer).get(`${peer}`)?.envelope, later)
  await book.stop()
})

test('subscribers hear when the stored minimum seq removes an older record', async t => {
  const { book } = await restarted(async ({ book }) => book.consumeRecord(await sealRecord(key, { seq: 5n, multiaddrs: [] })))
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
  const { book, clock, datastore } = await restarted(async ({ book }) => book.consumeRecord(await sealRecord(key, { seq: 5n, multiaddrs: [] })))
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
  t.is(pairs(datastore).length, 1)

  await clock.advance(1)
  const again = node({ datastore, clock })
  await again.book.start()
  await again.book.stop()
  t.is(pairs(datastore).length, 0)
})

for (const [read, now] of [[5n, 7n], [7n, 5n], [7n, 7n]] as const) {
  test(`records below seq 7 are refused after a restart when seq ${read} was stored and seq ${now} was seen since`, async t => {
    const { book } = await restarted(async ({ book }) => book.consumeRecord(await sealRecord(key, { seq: read, multiaddrs: [] })))
    await book.consumeRecord(await sealRecord(key, { seq: now, multiaddrs: [] }))
    await book.start()
    t.is(book.minSeq(peer), 7n)
    await book.stop()
  })
}
