import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { sealRecord } from '../../src/records/seal-record.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { addr, addrs, candidateOf, fakePeers, HOUR, known, MINUTE, newKey, node, SECOND, texts } from './kit.ts'
import { restarted } from './restarted-node.ts'
import type { Node } from './kit.ts'
import type { PeerId } from '@libp2p/interface'

const { key, peer } = await newKey()
const [other] = fakePeers(1) as [PeerId]
const record = await sealRecord(key, { seq: 1n, multiaddrs: [addr(1)] })
const newer = await sealRecord(key, { seq: 2n, multiaddrs: [addr(1)] })
const DAY = 24 * HOUR

/** Returns a started node whose book knows an address, and the number of times that its subscribers were notified since the last call */
async function started (report: (node: Node) => unknown): Promise<Node & { heard: () => number }> {
  const made = node({ ttl: { certified: DAY } })
  let count = 0
  await made.book.start()
  await report(made)
  made.book.subscribe(peer, () => { count++ })

  return { ...made, heard: () => { const all = count; count = 0; return all } }
}

const REPORTS: Record<string, (node: Node) => unknown> = {
  certified: async ({ book }) => book.consumeRecord(record),
  identify: ({ book }) => book.observe(peer, addr(1), { source: 'identify', reporter: peer, ttl: DAY }),
  tracker: ({ book }) => book.observe(peer, addr(1), { source: 'tracker', ttl: DAY }),
  dialled: ({ connect, disconnect }) => { disconnect(connect(peer, addr(1))) }
}

for (const [source, report] of Object.entries(REPORTS)) {
  test(`an address with a report of ${source} returns an hour after another peer answered there`, async t => {
    const { book, clock, heard } = await started(report)
    const [before, records] = [book.query(peer), book.records(peer)]
    t.is(before.length, 1)
    book.invalidate(peer, addr(1))
    t.is(heard(), 1)
    t.deepEqual([book.query(peer), [...book.peers()]], [[], []])
    t.deepEqual(book.records(peer), records)
    await clock.advance(HOUR - 1)
    t.deepEqual([book.query(peer), [...book.peers()], heard()], [[], [], 0])
    await clock.advance(1)
    t.deepEqual(book.query(peer), before)
    t.deepEqual([...book.peers()].map(String), [peer.toString()])
    t.is(heard(), 1)
    await book.stop()
  })
}

const CONFIRMED: Record<string, (node: Node) => unknown> = {
  'the peer itself names it': ({ book }) => book.observe(peer, addr(1), { source: 'identify', reporter: peer }),
  'the user names it': ({ book }) => book.observe(peer, addr(1), { source: 'user' }),
  'mDNS names it': ({ book }) => book.observe(peer, addr(1), { source: 'mdns' }),
  'a newer record has it': async ({ book }) => book.consumeRecord(newer),
  'a connection is opened there': ({ connect }) => { connect(peer, addr(1)) },
  'an attempt reaches the peer there': ({ book }) => { book.attempted(candidateOf(peer, addr(1)), 'connected') }
}

for (const [what, confirm] of Object.entries(CONFIRMED)) {
  test(`an address at which another peer answered is valid at once when ${what}`, async t => {
    const made = await started(({ book }) => book.observe(peer, addr(1), { source: 'tracker', ttl: DAY }))
    const { book, heard } = made
    book.invalidate(peer, addr(1))
    heard()
    await confirm(made)
    t.true(known(book, peer)[addr(1).toString()]?.includes('tracker'))
    t.true(heard() > 0)
    await book.stop()
  })
}

test('a newer report of an untrusted source is valid, and does not confirm the earlier ones', async t => {
  const { book, clock, heard } = await started(({ book }) => {
    for (const source of ['identify', 'tracker', 'dht']) {
      book.observe(peer, addr(1), { source, ttl: DAY })
    }
  })
  book.invalidate(peer, addr(1))
  await clock.advance(SECOND)
  heard()
  t.is(book.observe(peer, addr(1), { source: 'dht' }), 1)
  t.is(heard(), 1)
  t.deepEqual(known(book, peer), { [addr(1).toString()]: ['dht'] })
  book.observe(peer, addr(1), { source: 'tracker' })
  t.is(heard(), 1)
  t.deepEqual(known(book, peer), { [addr(1).toString()]: ['tracker', 'dht'] })
  await clock.advance(HOUR)
  t.deepEqual(known(book, peer), { [addr(1).toString()]: ['identify', 'tracker'] })
  await book.stop()
})

test('a failed attempt does not confirm an address at which another peer answered', t => {
  const { book } = node()
  book.observe(peer, addr(1), { source: 'tracker' })
  book.invalidate(peer, addr(1))
  book.attempted(candidateOf(peer, addr(1)), 'failed')
  t.deepEqual(texts(book, peer), [])
})

test('an address at which another peer answered is not certified for a newer report of another source', async t => {
  const { book, clock } = await started(async ({ book }) => book.consumeRecord(record))
  book.invalidate(peer, addr(1))
  await clock.advance(SECOND)
  book.observe(peer, addr(1), { source: 'tracker', ttl: DAY })
  t.deepEqual(book.query(peer).map(({ isCertified }) => isCertified), [false])
  await clock.advance(HOUR)
  t.deepEqual(book.query(peer).map(({ isCertified }) => isCertified), [true])
  await book.stop()
})

test('a source that the application trusts like the user keeps its address when another peer answers there', t => {
  const { book } = node({ trust: { tracker: 'configured' } })
  book.observe(peer, addr(1), { source: 'tracker' })
  book.invalidate(peer, addr(1))
  t.deepEqual(known(book, peer), { [addr(1).toString()]: ['tracker'] })
  t.is([...book.peers()].length, 1)
})

test('a connection elsewhere does not confirm an address at which another peer answered', async t => {
  const { book, connect } = await started(({ book }) => book.observe(peer, addrs(1, 3), { source: 'tracker', ttl: DAY }))
  book.invalidate(peer, addr(1))
  connect(peer, addr(2))
  connect(peer, addr(9), 'inbound')
  t.deepEqual(texts(book, peer), [addr(2), addr(9)].map(String))
  await book.stop()
})

test('the trust that the application gives a source decides whether a report of it confirms an invalid address', t => {
  const { book } = node({ trust: { tracker: 'identify', mdns: 'hearsay' } })
  book.observe(peer, addrs(1, 3), { source: 'website' })
  addrs(1, 3).forEach(address => { book.invalidate(peer, address) })
  book.observe(peer, addr(1), { source: 'tracker' })
  book.observe(peer, addr(2), { source: 'mdns' })
  t.deepEqual(texts(book, peer), [addr(1).toString()])
})

test('the answers of other peers never prolong the TTL of an address', async t => {
  const { book, clock } = await started(({ book }) => book.observe(peer, addr(1), { source: 'tracker', ttl: 90 * MINUTE }))

  for (let i = 0; i < 3; i++) {
    book.invalidate(peer, addr(1))
    await clock.advance(30 * MINUTE)
    t.deepEqual(texts(book, peer), [])
  }

  t.is(book.size, 0)
  await book.stop()
})

test('hearsay of an address at which another peer answered is removed', async t => {
  const { book, clock } = await started(({ book }) => {
    book.observe(peer, addr(1), { source: 'dht', ttl: DAY })
    book.observe(other, addr(1), { source: 'dht', ttl: DAY })
    book.observe(other, addr(1), { source: 'tracker', ttl: DAY })
  })
  ;[peer, other].forEach(one => { book.invalidate(one, addr(1)) })
  t.deepEqual(book.usage, { peers: 1, addresses: 1, pins: 0 })
  await clock.advance(HOUR)
  t.deepEqual([known(book, peer), known(book, other)], [{}, { [addr(1).toString()]: ['tracker'] }])
  await book.stop()
})

for (const passed of [0, 61]) {
  test(`an address is evicted before others of the same trust ${passed} minutes after another peer answered there`, async t => {
    const { book, clock } = node()
    book.observe(peer, addrs(0, 64), { source: 'tracker', ttl: DAY })
    book.invalidate(peer, addr(30))
    await clock.advance(passed * MINUTE)
    t.is(texts(book, peer).length, passed === 0 ? 63 : 64)
    t.is(book.observe(peer, addr(64), { source: 'tracker', ttl: MINUTE }), 1)
    t.notRegex(book.explain(peer), /another peer/)
    t.deepEqual(new Set(texts(book, peer)), new Set(addrs(0, 65).filter(address => !address.equals(addr(30))).map(String)))
  })
}

test('forget() and removeReports() remove suspended reports', t => {
  const { book } = node()
  book.observe(peer, addr(1), { source: 'tracker' })
  book.observe(other, addr(1), { source: 'tracker' })
  ;[peer, other].forEach(one => { book.invalidate(one, addr(1)) })
  t.is(book.removeReports('tracker', { peer }), 1)
  book.forget(other)
  t.is(book.size, 0)
})

test('explain() says until when reports are suspended because another peer answered', t => {
  const { book } = node({ clock: new VirtualClock(Date.UTC(2026, 0, 1)) })
  book.observe(peer, addr(1), { source: 'tracker' })
  book.invalidate(peer, addr(1))
  t.regex(book.explain(peer), /another peer answered at 2026-01-01T00:00:00Z: earlier reports are suspended until 2026-01-01T01:00:00Z/)
})

test('an address at which another peer answered stays suspended over a restart, until its hour has ended', async t => {
  const { book, clock } = await restarted(({ book }) => {
    book.observe(peer, addr(1), { source: 'tracker', ttl: DAY })
    book.invalidate(peer, addr(1))
  })
  await clock.advance(HOUR - 1)
  await book.start()
  t.deepEqual(texts(book, peer), [])
  await clock.advance(1)
  t.deepEqual(texts(book, peer), [addr(1).toString()])
  await book.stop()
})

test('a report that is made before the store was read is not suspended by an earlier answer of another peer', async t => {
  const { book, clock } = await restarted(({ book }) => {
    book.observe(peer, addr(1), { source: 'tracker', ttl: DAY })
    book.invalidate(peer, addr(1))
  })
  await clock.advance(MINUTE)
  book.observe(peer, addr(1), { source: 'mdns', ttl: DAY })
  await book.start()
  t.deepEqual(known(book, peer), { [addr(1).toString()]: ['mdns'] })
  await clock.advance(HOUR)
  t.deepEqual(known(book, peer), { [addr(1).toString()]: ['mdns', 'tracker'] })
  await book.stop()
})

test('an address is suspended for an hour at most when the clock goes back during a restart', async t => {
  const datastore = new MemoryDatastore()
  const first = node({ datastore, clock: new VirtualClock(1e12 + DAY) })
  await first.book.start()
  first.book.observe(peer, addr(1), { source: 'tracker', ttl: DAY })
  first.book.invalidate(peer, addr(1))
  await first.book.stop()

  const { book, clock } = node({ datastore, clock: new VirtualClock(1e12) })
  await book.start()
  t.deepEqual(texts(book, peer), [])
  await clock.advance(HOUR)
  t.deepEqual(texts(book, peer), [addr(1).toString()])
  await book.stop()
})
