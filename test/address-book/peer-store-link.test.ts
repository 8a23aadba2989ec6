// the book writes its records to the node's peer store, and leaves the data of others there
import { fc, testProp } from '@fast-check/ava'
import test from 'ava'
import { sealRecord } from '../../src/records/seal-record.ts'
import { dose } from '../support/dose.ts'
import { addr, addrs, known, newKey } from './kit.ts'
import { nodeWithStore, storedIn } from './node-with-store.ts'
import { seal } from '../records/sealed.ts'
import type { PeerData } from '@libp2p/interface'

const { key, peer } = await newKey()

async function record (seq: number, from: number, to: number): Promise<Uint8Array> {
  return sealRecord(key, { seq: BigInt(seq), multiaddrs: addrs(from, to) })
}

test('a consumed record is stored in the peer store beside earlier addresses, with one write and one event', async t => {
  const { book, peerStore, writes, updates, stored } = nodeWithStore()
  await book.start()
  let changes = 0
  book.subscribe(peer, () => { changes++ })
  await peerStore.merge(peer, { multiaddrs: addrs(0, 2), protocols: ['/x'], tags: { 'keep-alive': {} } })

  const bytes = await record(1, 1, 4)
  t.is((await book.consumeRecord(bytes)).status, 'accepted')

  t.deepEqual(await stored(peer), [`${addr(0)}`, `${addr(1)}+`, `${addr(2)}+`, `${addr(3)}+`])
  t.deepEqual(writes, ['merge', 'patch'])
  t.is(updates(), 2)
  t.is(changes, 1)
  const { peerRecordEnvelope, protocols, tags } = await peerStore.get(peer)
  t.deepEqual(peerRecordEnvelope, bytes)
  t.deepEqual(protocols, ['/x'])
  t.deepEqual([...tags.keys()], ['keep-alive'])
  t.deepEqual(Object.values(known(book, peer)), [['certified'], ['certified'], ['certified']])
  await book.stop()
})

test('a newer record removes from the peer store the addresses that only the older one certified', async t => {
  const { book, peerStore, stored } = nodeWithStore()
  await book.start()
  await peerStore.merge(peer, { multiaddrs: [addr(2).encapsulate(`/p2p/${peer}`), addr(9)] })
  await book.consumeRecord(await record(1, 1, 5))
  t.deepEqual(await stored(peer), [`${addr(1)}+`, `${addr(2)}+`, `${addr(3)}+`, `${addr(4)}+`, `${addr(9)}`])
  book.observe(peer, addr(3), { source: 'bootstrap' })
  book.observe(peer, addr(4), { source: 'dht' })

  await book.consumeRecord(await record(2, 6, 7))
  t.deepEqual(await stored(peer), [`${addr(2)}`, `${addr(3)}`, `${addr(6)}+`, `${addr(9)}`])
  await book.consumeRecord(await record(3, 2, 3))
  await book.consumeRecord(await record(4, 2, 3))
  await book.consumeRecord(await record(5, 7, 8))
  t.deepEqual(await stored(peer), [`${addr(2)}`, `${addr(3)}`, `${addr(7)}+`, `${addr(9)}`])
  await book.consumeRecord(await record(6, 7, 9))
  await book.consumeRecord(await record(7, 8, 9))
  t.deepEqual(await stored(peer), [`${addr(2)}`, `${addr(3)}`, `${addr(8)}+`, `${addr(9)}`])
  await book.stop()
})

for (const [what, data, isKept] of [
  ['addresses', { multiaddrs: addrs(2, 3) }, true],
  ['addresses with the id of the peer', { addresses: [{ multiaddr: addr(2).encapsulate(`/p2p/${peer}`), isCertified: false }] }, true],
  ['certified addresses', { addresses: [{ multiaddr: addr(2), isCertified: true }] }, false],
  ['the address that has answered', { multiaddrs: addrs(2, 3), metadata: { 'last-dial-success': new Uint8Array(1) } }, false]
] as Array<[string, PeerData, boolean]>) {
  test(`merge() of ${what} that a record certifies ${isKept ? 'keeps them' : 'does not keep them'} when a newer record omits them`, async t => {
    const { book, peerStore, stored } = nodeWithStore()
    await book.start()
    await book.consumeRecord(await record(1, 1, 4))
    await peerStore.merge(peer, data)
    await book.consumeRecord(await record(2, 1, 2))
    t.deepEqual(await stored(peer), [`${addr(1)}+`, ...isKept ? [`${addr(2)}`] : []])
    await book.consumeRecord(await record(3, 5, 6))
    t.deepEqual(await stored(peer), [...isKept ? [`${addr(2)}`] : [], `${addr(5)}+`])
    await book.stop()
  })
}

test('a record already in the peer store is not written again, unless it was deleted there', async t => {
  const { book, peerStore, writes, stored } = nodeWithStore()
  await book.consumeRecord(await record(1, 1, 2))
  t.is((await book.consumeRecord(await record(1, 1, 2))).status, 'refreshed')
  t.deepEqual(writes, ['patch'])

  await peerStore.delete(peer)
  await book.consumeRecord(await record(1, 1, 2))
  t.deepEqual(await stored(peer), [`${addr(1)}+`])
})

test('a record older than the one in the peer store is refused, and the stored one is consumed', async t => {
  const { book, peerStore, stored } = nodeWithStore()
  await peerStore.consumePeerRecord(await record(2, 2, 3))
  const refused = await book.consumeRecord(await record(1, 1, 2))

  t.is(refused.status === 'refused' && refused.reason, 'replayed')
  t.deepEqual(await stored(peer), [`${addr(2)}+`])
  t.deepEqual(known(book, peer), { [`${addr(2)}`]: ['certified'] })
})

test('an invalid envelope in the peer store does not block a record', async t => {
  const { book, peerStore, stored } = nodeWithStore()

  for (const peerRecordEnvelope of [Uint8Array.of(1, 2, 3), await seal((await newKey()).key, { seq: 9n }), await seal(key, { seq: 9n, domain: 'other' })]) {
    await peerStore.patch(peer, { peerRecordEnvelope })
    await book.consumeRecord(await record(1, 1, 2))
    t.deepEqual((await peerStore.get(peer)).peerRecordEnvelope, await record(1, 1, 2))
  }

  t.deepEqual(await stored(peer), [`${addr(1)}+`])
})

test('a record that libp2p cannot parse is stored as addresses, without its envelope', async t => {
  const { book, peerStore, stored } = nodeWithStore()
  await book.consumeRecord(await seal(key, { seq: 1n, addresses: [addr(1).bytes, Uint8Array.of(255, 255)] }))

  t.deepEqual(await stored(peer), [`${addr(1)}+`])
  t.is((await peerStore.get(peer)).peerRecordEnvelope, undefined)
})

test('a refused record is not written to the peer store', async t => {
  const { book, writes } = nodeWithStore()
  await book.consumeRecord(await record(2, 1, 2))
  await book.consumeRecord(await record(1, 1, 2))
  await book.consumeRecord(Uint8Array.of(1))
  t.deepEqual(writes, ['patch'])
})

for (const method of ['get', 'patch'] as const) {
  test(`the book keeps a record and logs the error when the peer store's ${method}() throws`, async t => {
    const { book, peerStore, log } = nodeWithStore()
    peerStore[method] = async () => { throw new Error('disk is full') }

    t.is((await book.consumeRecord(await record(1, 1, 2))).status, 'accepted')
    t.deepEqual(known(book, peer), { [`${addr(1)}`]: ['certified'] })
    t.is(log.filter(line => line.includes('disk is full')).length, 1)
  })

  test(`consumeRecord() waits at most 5 s, or until the node stops, for a peer store whose ${method}() hangs`, async t => {
    const { book, peerStore, log, clock } = nodeWithStore()
    await book.start()
    const hanging = Promise.withResolvers<void>()
    peerStore[method] = async () => {
      hanging.resolve()

      return new Promise<never>(() => {})
    }

    const first = book.consumeRecord(await record(1, 1, 2))
    const second = book.consumeRecord(await record(2, 2, 3))
    await hanging.promise
    await clock.advance(5_000)
    t.is((await first).status, 'accepted')
    t.is((await second).status, 'accepted')
    t.deepEqual(known(book, peer), { [`${addr(2)}`]: ['certified'] })
    t.is(log.filter(line => line.includes('No answer after 5000 ms')).length, 2)

    const last = book.consumeRecord(await record(3, 3, 4))
    await new Promise(resolve => { setImmediate(resolve) })
    await book.stop()
    t.is((await last).status, 'accepted')
    t.is(clock.pending, 0)
    t.is(log.filter(line => line.includes('the node stops')).length, 1)
  })
}

test('a consumed record is written to the peer store after the book is stopped and started again', async t => {
  const { book, stored } = nodeWithStore()

  for (const seq of [1, 2]) {
    await book.start()
    await book.consumeRecord(await record(seq, seq, seq + 1))
    t.deepEqual(await stored(peer), [`${addr(seq)}+`])
    await book.stop()
  }
})

test('a write to the peer store waits for a record being written for the same peer, not for another peer\'s', async t => {
  const { book, peerStore, stored } = nodeWithStore()
  const other = await newKey()
  const gate = Promise.withResolvers<void>()
  const reading = Promise.withResolvers<void>()
  const get = peerStore.get.bind(peerStore)
  peerStore.get = async (...args) => {
    reading.resolve()
    await gate.promise

    return get(...args)
  }
  await book.start()
  const done: string[] = []
  const consumed = book.consumeRecord(await record(1, 1, 2)).then(() => { done.push('record') })
  await reading.promise

  const merged = peerStore.merge(peer, { multiaddrs: [addr(2)] }).then(() => { done.push('merge') })
  const aborted = peerStore.merge(peer, { multiaddrs: [addr(3)] }, { signal: AbortSignal.abort(new Error('too late')) })
  await t.throwsAsync(aborted, { message: 'too late' })
  await peerStore.merge(other.peer, { multiaddrs: [addr(2)] })
  await peerStore.merge(peer, { tags: { x: { value: 1 } } })
  t.deepEqual(done, [])
  gate.resolve()
  await Promise.all([consumed, merged])

  t.deepEqual(done, ['record', 'merge'])
  t.deepEqual(await stored(peer), [`${addr(1)}+`, `${addr(2)}`])
  await book.stop()
})

testProp('concurrent records and merges leave the newest record and all merged addresses', [fc.array(fc.nat(5), { minLength: 1, maxLength: 12 })], async (t, steps) => {
  const { book, peerStore } = nodeWithStore()
  await book.start()
  const merged = steps.flatMap((step, i) => step < 3 ? [] : [addr(100 + i)])
  const newest = Math.max(...steps.map((step, i) => step < 3 ? i + 1 : 0))

  await Promise.all(steps.map(async (step, i) => step < 3
    ? book.consumeRecord(await record(i + 1, i, i + 1))
    : peerStore.merge(peer, { multiaddrs: [addr(100 + i)] })))

  const expected = [...merged.map(String), ...newest === 0 ? [] : [`${addr(newest - 1)}+`]]
  t.deepEqual((await storedIn(peerStore, peer)).toSorted((a, b) => a.localeCompare(b)), expected.toSorted((a, b) => a.localeCompare(b)))
  await book.stop()
}, { numRuns: dose(20) })

test('recordWritten() accepts a record without writing it to the peer store', async t => {
  const { book, writes } = nodeWithStore()
  t.is((await book.recordWritten(await record(1, 1, 2), { expectedPeer: peer })).status, 'accepted')
  t.deepEqual(writes, [])
  t.deepEqual(known(book, peer), { [`${addr(1)}`]: ['certified'] })
})
