import test from 'ava'
import { sealRecord } from '../../src/records/seal-record.ts'
import { addr, addrs, fakePeers, knownOf, newKey, node } from './kit.ts'

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
