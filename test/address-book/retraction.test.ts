// reports are a set for each source and reporter, which can be removed together or for one address
import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { sealRecord } from '../../src/records/seal-record.ts'
import { addr, addrs, HOUR, known, MINUTE, newKey, newPeers, node, texts } from './kit.ts'
import { restarted } from './restarted-node.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const [peer, other, reporter] = await newPeers(3) as [any, any, any]

test('observe() with replaces removes earlier addresses of the same source and reporter, and no others', t => {
  const { book } = node()
  book.observe(peer, addrs(1, 4), { source: 'tracker', reporter })
  book.observe(peer, addr(1), { source: 'tracker' })
  book.observe(peer, addr(2), { source: 'user' })
  book.observe(other, addr(1), { source: 'tracker', reporter })

  t.is(book.observe(peer, [addr(3), addr(4)], { source: 'tracker', reporter, replaces: true }), 2)

  t.deepEqual(known(book, peer), { [`${addr(1)}`]: ['tracker'], [`${addr(2)}`]: ['user'], [`${addr(3)}`]: ['tracker'], [`${addr(4)}`]: ['tracker'] })
  t.deepEqual(known(book, other), { [`${addr(1)}`]: ['tracker'] })
})

test('observe() with replaces and no addresses removes all reports of the source, and the peer when none is left', t => {
  const { book } = node()
  t.is(book.observe(peer, [], { source: 'tracker', replaces: true }), 0)
  t.is(book.size, 0)
  book.observe(peer, addrs(1, 3), { source: 'tracker' })

  book.observe(peer, [], { source: 'tracker' })
  t.is(book.query(peer).length, 2)
  book.observe(peer, [], { source: 'tracker', replaces: true })
  t.is(book.size, 0)
})

test('observe() with replaces notifies subscribers only when addresses are removed', t => {
  const { book } = node()
  let changes = 0
  book.observe(peer, addrs(1, 3), { source: 'tracker' })
  book.subscribe(peer, () => { changes++ })

  book.observe(peer, addrs(1, 3), { source: 'tracker', replaces: true })
  t.is(changes, 0)
  book.observe(peer, addr(1), { source: 'tracker', replaces: true })
  t.is(changes, 1)
})

test('an address that a connected peer stops reporting is removed, unless a connection uses it', async t => {
  const { book, clock, connect } = node()
  await book.start()
  book.observe(peer, addrs(1, 4), { source: 'identify', reporter: peer })
  connect(peer, addr(2), 'inbound')

  book.observe(peer, addr(3), { source: 'identify', reporter: peer, replaces: true })

  t.deepEqual(known(book, peer), { [`${addr(2)}`]: ['observed'], [`${addr(3)}`]: ['identify'] })
  await clock.advance(2 * HOUR)
  t.deepEqual(known(book, peer), { [`${addr(2)}`]: ['observed'], [`${addr(3)}`]: ['identify'] })
})

test('a peer that moves removes its dialled address by identify or a record over an inbound connection', async t => {
  for (const source of ['identify', 'certified']) {
    const { book, connect, disconnect } = node()
    const { key, peer: moved } = await newKey()
    await book.start()
    const says = async (seq: number, address: Multiaddr): Promise<unknown> => source === 'identify'
      ? book.observe(moved, [address], { source, reporter: moved, replaces: true })
      : book.consumeRecord(await sealRecord(key, { seq: BigInt(seq), multiaddrs: [address] }))

    const connection = connect(moved, addr(1))
    await says(1, addr(1))
    disconnect(connection)
    connect(moved, addr(9), 'inbound')
    await says(2, addr(2))

    t.deepEqual(known(book, moved), { [`${addr(9)}`]: ['observed'], [`${addr(2)}`]: [source] })
  }
})

test('a peer\'s report does not remove a dialled address that it never named or that a connection uses', async t => {
  const { book, connect, disconnect } = node()
  await book.start()
  disconnect(connect(peer, addr(1)))
  connect(peer, addr(2))
  book.observe(peer, [addr(2), addr(3)], { source: 'identify', reporter: peer, replaces: true })

  book.observe(peer, [addr(3)], { source: 'identify', reporter: peer, replaces: true })

  t.deepEqual(known(book, peer), { [`${addr(1)}`]: ['dialled'], [`${addr(2)}`]: ['dialled'], [`${addr(3)}`]: ['identify'] })
})

test('a report with `replaces` that is not the peer\'s own does not remove a dialled address', async t => {
  for (const report of [{ source: 'tracker', reporter }, { source: 'tracker' }, { source: 'identify', reporter }]) {
    const { book, connect, disconnect } = node()
    await book.start()
    disconnect(connect(peer, addr(1)))

    for (const replaced of [addr(1), addr(2)]) {
      book.observe(peer, [replaced], { ...report, replaces: true })
    }

    t.deepEqual(known(book, peer), { [`${addr(1)}`]: ['dialled'], [`${addr(2)}`]: [report.source] })
  }
})

test('removeReports() with a multiaddr removes the source\'s report of that address only', t => {
  const { book } = node()
  book.observe(peer, addrs(1, 4), { source: 'tracker', reporter })
  book.observe(peer, addr(2), { source: 'tracker' })
  t.is(book.removeReports('tracker', { peer, reporter, multiaddr: addr(2).encapsulate(`/p2p/${peer}`) }), 1)
  t.deepEqual(book.query(peer).map(({ provenance }) => provenance.length), [1, 1, 1])
  t.is(book.removeReports('tracker', { multiaddr: addr(2) }), 1)
  t.deepEqual(texts(book, peer), [addr(1), addr(3)].map(String))
})

test('observe() throws when replaces is not a boolean', t => {
  t.throws(() => node().book.observe(peer, [], { source: 'tracker', replaces: 'yes' as any }), { name: 'InvalidParametersError', message: /replaces/ })
})

test('stored configuration expires ten minutes after a restart unless it is reported again', async t => {
  const datastore = new MemoryDatastore()
  const first = node({ datastore })
  await first.book.start()
  first.book.observe(peer, addrs(1, 4), { source: 'bootstrap' })
  first.book.observe(peer, [addr(2), addr(9)], { source: 'user' })
  await first.book.stop()

  const { book, clock } = node({ datastore, clock: first.clock })
  await book.start()
  t.deepEqual(texts(book, peer), [...addrs(1, 4), addr(9)].map(String))
  t.deepEqual(book.query(peer)[0]?.provenance.map(({ expires }) => expires), [Math.ceil((clock.now() + 10 * MINUTE) / 1_000) * 1_000])
  await clock.advance(5 * MINUTE)
  book.observe(peer, addr(3), { source: 'bootstrap' })
  await clock.advance(6 * MINUTE)
  t.deepEqual(known(book, peer), { [`${addr(2)}`]: ['user'], [`${addr(3)}`]: ['bootstrap'], [`${addr(9)}`]: ['user'] })
  await clock.advance(1_000 * HOUR)
  t.deepEqual(known(book, peer), { [`${addr(2)}`]: ['user'], [`${addr(3)}`]: ['bootstrap'], [`${addr(9)}`]: ['user'] })
  await book.stop()
})

test('configuration reported again before the store is read does not expire', async t => {
  const datastore = new MemoryDatastore()
  const first = node({ datastore })
  await first.book.start()
  first.book.observe(peer, addr(1), { source: 'bootstrap' })
  await first.book.stop()

  const { book, clock } = node({ datastore, clock: first.clock })
  book.observe(peer, addr(1), { source: 'bootstrap' })
  await book.start()
  await clock.advance(HOUR)
  t.deepEqual(texts(book, peer), [`${addr(1)}`])
  await book.stop()
})

test('peers() can be iterated while the book changes, and omits expired peers', async t => {
  const { book, clock } = node()
  t.deepEqual([...book.peers()], [])
  book.observe(peer, addr(1), { source: 'user' })
  book.observe(other, addr(1), { source: 'dht', reporter })
  book.owner('one').pin(reporter)
  const listed = Array.from(book.peers(), String)
  t.deepEqual(listed.toSorted(), [peer, other].map(String).toSorted())

  for (const one of book.peers()) {
    book.forget(one)
    book.observe(reporter, addr(1), { source: 'user' })
  }

  t.deepEqual(Array.from(book.peers(), String), [`${reporter}`])
  book.forget(reporter)
  book.observe(other, addr(1), { source: 'dht' })
  await clock.advance(HOUR)
  t.deepEqual([...book.peers()], [])
})

test('forgetting a peer before the store is read removes its stored reports, and keeps pins and the minimum seq', async t => {
  const datastore = new MemoryDatastore()
  const { key, peer: signer } = await newKey()
  const record = async (seq: number): Promise<Uint8Array> => sealRecord(key, { seq: BigInt(seq), multiaddrs: [] })
  const first = node({ datastore })
  await first.book.start()
  await first.book.consumeRecord(await record(5))
  first.book.observe(signer, addr(1), { source: 'user' })
  first.book.observe(other, addr(1), { source: 'user' })
  first.book.owner('one').pin(signer, { addresses: [addr(2)] })
  await first.book.stop()

  for (const isForgotten of [true, false]) {
    const { book } = node({ datastore, clock: first.clock })

    if (isForgotten) {
      book.forget(signer)
    }

    await book.start()
    t.deepEqual(known(book, signer), { [`${addr(2)}`]: [] })
    t.deepEqual(known(book, other), { [`${addr(1)}`]: ['user'] })
    const refused = await book.consumeRecord(await record(4))
    t.is(refused.status === 'refused' && refused.reason, 'replayed')
    await book.stop()
  }
})

for (const [what, forgets, kept] of [
  ['one address', [[1]], [1]],
  ['one address, and then two others,', [[1, 2], [2, 3]], [2]]
] as const) {
  test(`forgetting a peer except ${what} before the store is read keeps the stored reports of the exceptions`, async t => {
    const { book } = await restarted(({ book }) => {
      book.observe(peer, addrs(1, 5), { source: 'user' })
      book.recordDialled(peer, addrs(1, 5))
    })
    forgets.forEach(except => { book.forget(peer, { except: except.map(addr) }) })
    await book.start()
    t.deepEqual(known(book, peer), Object.fromEntries(kept.map(n => [`${addr(n)}`, ['user', 'dialled']])))
    await book.stop()
  })
}
