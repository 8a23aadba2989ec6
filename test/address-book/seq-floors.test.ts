import test from 'ava'
import { sealRecord } from '../../src/records/seal-record.ts'
import { pairs } from '../datastore/kit.ts'
import { addr, addrs, fakePeers, HOUR, knownOf, MINUTE, newKey, node, SECOND } from './kit.ts'
import { restarted } from './restarted-node.ts'
import type { Key, Node } from './kit.ts'

/** Consumes a record without addresses of each peer: the book keeps only its sequence number */
async function consumeEmpty ({ book }: Node, keys: readonly Key[]): Promise<void> {
  for (const { key } of keys) {
    await book.consumeRecord(await sealRecord(key, { seq: 2n, multiaddrs: [] }))
  }
}

test('a record\'s seq is remembered after the peer is evicted', async t => {
  const { book } = node({ maxPeers: 4 })
  const { key, peer: signer } = await newKey()
  const [old, now] = [await sealRecord(key, { seq: 1n, multiaddrs: addrs(0, 1) }), await sealRecord(key, { seq: 2n, multiaddrs: addrs(1, 2) })]
  await book.consumeRecord(now)
  fakePeers(8).forEach(peer => { book.observe(peer, addr(1), { source: 'identify' }) })
  t.deepEqual(knownOf(book, [signer]), [])
  t.like(await book.consumeRecord(old), { status: 'refused', reason: 'replayed' })
})

test('the book remembers minimum seqs for 8 times maxPeers', async t => {
  for (const [others, isRefused] of [[14, true], [15, false]] as const) {
    const { book } = node({ maxPeers: 2 })
    const { key } = await newKey()
    const keys = await Promise.all(Array.from({ length: others }, newKey))
    await book.consumeRecord(await sealRecord(key, { seq: 2n, multiaddrs: [] }))

    for (const { key } of keys) {
      await book.consumeRecord(await sealRecord(key, { seq: 2n, multiaddrs: [] }))
    }

    t.is((await book.consumeRecord(await sealRecord(key, { seq: 1n, multiaddrs: [] }))).status, isRefused ? 'refused' : 'accepted', `${others}`)
  }
})

test('the stored minimum seq is deleted within an hour after it expires', async t => {
  const { book, clock, datastore } = await restarted(async first => consumeEmpty(first, [await newKey()]))
  await book.start()
  await clock.advance(24 * HOUR - 1)
  t.is(pairs(datastore).length, 1)
  await clock.advance(HOUR + SECOND)
  t.is(pairs(datastore).length, 0)
  t.is(clock.pending, 0)
  await book.stop()
})

test('a known record stays stored when an earlier minimum seq of its peer expires', async t => {
  const { key, peer } = await newKey()
  const { book, clock, datastore } = await restarted(async first => consumeEmpty(first, [{ key, peer }]))
  await book.start()
  book.observe(peer, addr(1), { source: 'user' })
  await clock.advance(26 * HOUR)
  t.is(book.minSeq(peer), undefined)
  t.is(pairs(datastore).length, 1)
  t.false(new TextDecoder().decode(pairs(datastore)[0]?.value).includes('["2",'))
  await book.stop()
})

test('the stored minimum seq of an evicted one is deleted', async t => {
  const keys = await Promise.all(Array.from({ length: 40 }, newKey))
  const { book, clock, datastore, ...rest } = await restarted(() => {}, { maxPeers: 2 })
  await book.start()

  for (const key of keys) {
    await consumeEmpty({ book, clock, ...rest }, [key])
    await clock.advance(MINUTE)
  }

  const remembered = keys.filter(({ peer }) => book.minSeq(peer) != null)
  t.true(remembered.length <= 16)
  t.is(pairs(datastore).length, remembered.length)
  await book.stop()
})

test('expired minimum seqs that are read evict none that has not expired', async t => {
  const keys = await Promise.all(Array.from({ length: 30 }, newKey))
  const { book } = await restarted(async first => {
    await consumeEmpty(first, keys)
    await first.clock.advance(23 * HOUR)
    await consumeEmpty(first, keys.slice(0, 10))
    await first.book.stop()
    await first.clock.advance(HOUR)
  }, { maxPeers: 2 })
  await book.start()
  t.deepEqual(keys.map(({ peer }) => book.minSeq(peer) != null), keys.map((_, i) => i < 10))
  await book.stop()
})
