import { fc, testProp } from '@fast-check/ava'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { withSource } from '../../src/address-book/index.ts'
import { sealRecord } from '../../src/records/seal-record.ts'
import { dose } from '../support/dose.ts'
import { TurnCounter } from '../datastore/turn-counter.ts'
import { addr, addrs, candidateOf, fakePeers, HOUR, known, MINUTE, newKey, newPeers, node, SECOND, texts } from './kit.ts'
import type { AddressBook } from '../../src/address-book/address-book.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const peers = await newPeers(40)
const [peer, reporter, ...others] = peers as [PeerId, PeerId, ...PeerId[]]

test('a reporter may report at most 8 addresses of a peer, and a later report replaces the earliest', async t => {
  const { book, clock } = node()
  t.is(book.observe(peer, addrs(0, 20), { source: 'routing', reporter }), 8)
  t.deepEqual(texts(book, peer), addrs(0, 8).map(String))
  t.is(book.observe(peer, addrs(0, 20), { source: 'routing', reporter: others[0] }), 8, 'others may say more')

  await clock.advance(SECOND)
  t.is(book.observe(peer, addrs(30, 32), { source: 'routing', reporter }), 2)
  t.is(book.query(peer).filter(({ provenance }) => provenance.some(one => one.reporter === reporter.toString())).length, 8)
  t.is(book.observe(peer, addrs(40, 60), { source: 'identify', reporter: peer }), 20, 'a peer may say of itself what it wants')
})

test('the DHT may report at most 16 addresses of a peer over all reporters', async t => {
  const { book, clock } = node()
  others.slice(0, 5).forEach((reporter, i) => { book.observe(peer, addrs(i * 8, i * 8 + 8), { source: 'dht', reporter }) })
  t.deepEqual(texts(book, peer), addrs(0, 16).map(String))

  await clock.advance(SECOND)
  t.is(book.observe(peer, addrs(50, 52), { source: 'dht', reporter: others[6] }), 2)
  t.is(book.query(peer).length, 16)
  t.is(book.observe(peer, addrs(60, 70), { source: 'identify' }), 10)
})

/** Returns an address that is unlikely to be reachable, of varying scope */
function unlikely (n: number): Multiaddr {
  const hosts = ['/ip4/10.0.0.', '/ip4/127.0.0.', '/ip4/169.254.169.', '/ip4/192.168.1.', '/ip4/224.0.0.', '/ip4/0.0.0.', '/ip6/fe80::', '/ip6/fd00::']

  return multiaddr(`${hosts[n % hosts.length]}${n % 256}/tcp/${4001 + Math.floor(n / 256)}`)
}

test('public addresses evict private ones that the same or other DHT reporters named, at the cap', t => {
  const { book } = node()
  const junk = Array.from({ length: 1_996 }, (_, n) => unlikely(n))
  t.is(book.observe(peer, junk, { source: 'dht', reporter }), 8)
  t.is(book.observe(peer, addrs(0, 4), { source: 'dht', reporter }), 4)
  t.is(book.observe(peer, addrs(4, 20), { source: 'dht', reporter }), 4)
  t.deepEqual(texts(book, peer), addrs(0, 8).map(String))
  t.is(book.observe(peer, junk, { source: 'dht', reporter }), 0)
  t.is(book.observe(peer, junk, { source: 'dht', reporter: others[0] }), 8, 'where there is room there is no reason to forget it')

  t.is(book.observe(peer, addrs(20, 40), { source: 'dht', reporter: others[1] }), 8)
  t.deepEqual(texts(book, peer), [...addrs(0, 8), ...addrs(20, 28)].map(String))
})

test('public addresses evict private ones of equal or lower trust, and no private ones of higher trust', t => {
  const { book } = node()
  const near = Array.from({ length: 64 }, (_, n) => unlikely(n))
  book.observe(peer, near.slice(0, 32), { source: 'mdns' })
  book.observe(peer, near.slice(32, 64), { source: 'routing' })
  t.is(book.observe(peer, addrs(0, 40), { source: 'pubsub' }), 32)
  t.deepEqual(texts(book, peer), [...near.slice(0, 32), ...addrs(0, 32)].map(String))

  const [third] = others as [PeerId]
  // a DNS name counts as public, because it may resolve to any address
  const names = Array.from({ length: 9 }, (_, n) => multiaddr(`/dns4/host-${n}.example.org/tcp/1`))
  t.is(book.observe(third, names, { source: 'dht', reporter }), 8)
  t.is(book.observe(third, addrs(0, 8), { source: 'dht', reporter }), 0)
})

testProp('observe() keeps the first 8 public-looking addresses of one answer, in any order', [fc.array(fc.boolean(), { minLength: 9, maxLength: 60 })], (t, order) => {
  const { book } = node()
  const answer = order.map((isPublic, n) => isPublic ? addr(n) : unlikely(n))
  t.is(book.observe(peer, answer, { source: 'dht', reporter }), 8)
  const kept = texts(book, peer)
  const open = answer.filter((_, n) => order[n]).map(String)

  t.is(kept.length, 8)
  t.deepEqual(kept.filter(text => open.includes(text)), open.slice(0, 8))
}, { numRuns: dose(200) })

test('a new report evicts no report of a pinned address', async t => {
  const { book, clock } = node()
  others.slice(0, 2).forEach((reporter, i) => { book.observe(peer, addrs(i * 8, i * 8 + 8), { source: 'dht', reporter }) })
  const owner = book.owner('dcutr')
  owner.pin(peer, { addresses: addrs(0, 15) })
  await clock.advance(SECOND)
  t.is(book.observe(peer, addrs(50, 52), { source: 'dht', reporter: others[2] }), 1)
  t.deepEqual(known(book, peer), Object.fromEntries([...addrs(0, 15), addr(50)].map(address => [address.toString(), ['dht']])))
  owner.pin(peer)
  await clock.advance(SECOND)
  t.is(book.observe(peer, addrs(60, 62), { source: 'dht', reporter: others[2] }), 0)
})

test('at 64 addresses, user-given and certified addresses evict pinned ones down to 32', async t => {
  const { book, connect } = node()
  const { key, peer } = await newKey()
  await book.start()
  connect(peer, addr(99))
  const pin = book.owner('rogue').pin(peer, { addresses: addrs(0, 63) })
  t.is(book.observe(peer, addr(100), { source: 'identify', reporter: peer }), 0)
  t.is(book.observe(peer, addr(100), { source: 'user' }), 1)
  await book.consumeRecord(await sealRecord(key, { multiaddrs: addrs(101, 111) }))
  t.is(book.records(peer).size, 1)
  t.is(book.observe(peer, addrs(200, 260), { source: 'bootstrap' }), 30)
  const pinned = texts(book, peer).filter(text => addrs(0, 63).map(String).includes(text))
  t.is(pinned.length, 32)
  t.true(texts(book, peer).includes(`${addr(99)}`))
  t.is(texts(book, peer).length, 64)
  t.is(pin.state, 'held')
  await book.stop()
})

test('at 64 addresses, a new one evicts the earliest to expire of the least trusted source, and none of higher trust', async t => {
  const { book, clock } = node()
  book.observe(peer, addrs(0, 30), { source: 'identify' })
  await clock.advance(SECOND)
  book.observe(peer, addrs(30, 60), { source: 'identify' })
  book.observe(peer, addrs(60, 64), { source: 'pubsub' })
  t.is(book.query(peer).length, 64)

  t.is(book.observe(peer, addrs(100, 110), { source: 'derived' }), 4)
  t.is(Object.values(known(book, peer)).filter(([source]) => source === 'pubsub').length, 0)
  t.is(book.observe(peer, addrs(110, 120), { source: 'pubsub' }), 0)
  t.is(book.observe(peer, addrs(120, 130), { source: 'identify' }), 10)
  t.is(Object.values(known(book, peer)).filter(([source]) => source === 'derived').length, 0)
  t.deepEqual(texts(book, peer).slice(0, 25), addrs(6, 31).map(String), 'then those that were said first')
})

test('a failed address is evicted before others of its trust, and after those of lower trust', async t => {
  const { book, clock } = node()
  book.observe(peer, addrs(0, 8), { source: 'dht', reporter })
  await clock.advance(SECOND)
  book.observe(peer, addrs(8, 16), { source: 'dht', reporter: others[0] })
  book.attempted(candidateOf(peer, addr(12)), 'failed')
  await clock.advance(SECOND)
  t.is(book.observe(peer, addr(50), { source: 'dht', reporter: others[1] }), 1)
  t.deepEqual(texts(book, peer), [...addrs(0, 12), ...addrs(13, 16), addr(50)].map(String))

  book.attempted(candidateOf(peer, addr(50)), 'failed')
  book.attempted(candidateOf(peer, addr(50)), 'connected')
  t.is(book.observe(peer, addr(51), { source: 'dht', reporter: others[1] }), 1)
  t.true(texts(book, peer).includes(addr(50).toString()), 'it has answered since')

  book.observe(peer, addrs(100, 148), { source: 'identify', reporter: peer })
  book.attempted(candidateOf(peer, addr(100)), 'failed')
  book.observe(peer, addrs(200, 216), { source: 'identify', reporter: peer })
  t.is(book.observe(peer, addr(217), { source: 'dht', reporter: others[2] }), 0)
  t.true(texts(book, peer).includes(addr(100).toString()), 'hearsay was evicted before')
  t.is(book.observe(peer, addr(216), { source: 'identify', reporter: peer }), 1)
  t.false(texts(book, peer).includes(addr(100).toString()))
})

test('hearsay never evicts user-given, certified, dialled, pinned or connected addresses', async t => {
  const { key, peer } = await newKey()
  const { book, connect } = node()
  await book.start()
  book.observe(peer, addrs(0, 20), { source: 'user' })
  await book.consumeRecord(await sealRecord(key, { seq: 1n, multiaddrs: addrs(20, 40) }))
  book.recordDialled(peer, addrs(40, 60))
  book.observe(peer, addr(60), { source: 'pubsub' })
  book.owner('dcutr').pin(peer, { addresses: addrs(60, 63) })
  book.observe(peer, addr(63), { source: 'pubsub' })
  connect(peer, addr(63), 'inbound')

  for (const source of ['pubsub', 'dht', 'mdns', 'identify', 'mine', 'unknown']) {
    t.is(book.observe(peer, addrs(100, 104), { source }), 0, source)
  }

  t.deepEqual(texts(book, peer), addrs(0, 64).map(String))
  t.is(book.observe(peer, addrs(100, 104), { source: 'user' }), 4, 'for what the user gives certified addresses do')
  t.is(book.observe(peer, addrs(200, 300), { source: 'user' }), 36)
  t.deepEqual(Object.entries(known(book, peer)).filter(([, [source]]) => source !== 'user').map(([address]) => address), addrs(60, 64).map(String))
  await book.stop()
})

test('an address keeps at most 16 reports, of the most recent reporters', async t => {
  const { book, clock } = node()

  for (const reporter of others.slice(0, 20)) {
    await clock.advance(SECOND)
    book.observe(peer, addr(1), { source: 'dht', reporter })
  }

  book.observe(peer, addr(1), { source: 'user' })
  const [{ provenance } = { provenance: [] }] = book.query(peer)
  t.is(provenance.length, 16)
  t.deepEqual(provenance.map(({ reporter }) => reporter), [...others.slice(5, 20).map(String), undefined])
})

/** Observes peers in a book, and returns the peers of `all` that it then knows */
function knownOf (book: AddressBook, all: readonly PeerId[]): PeerId[] {
  return all.filter(peer => book.query(peer).length > 0)
}

test('the least recently reported peer is evicted first, except pinned, connected and configured peers', async t => {
  const { book, connect, disconnect } = node({ maxPeers: 6 })
  await book.start()
  const [pinned, connected, given, bootstrap, first, second, ...more] = others as [PeerId, PeerId, PeerId, PeerId, PeerId, PeerId, ...PeerId[]]
  book.observe(given, addr(1), { source: 'user' })
  book.observe(bootstrap, addr(1), { source: 'bootstrap' })
  book.observe(pinned, addr(1), { source: 'pubsub' })
  const pin = book.owner('dcutr').pin(pinned)
  const connection = connect(connected, addr(1), 'inbound')
  const all = [pinned, connected, given, bootstrap, first, second, ...more]
  book.observe(first, addr(1), { source: 'routing' })
  book.observe(second, addr(1), { source: 'routing' })
  book.observe(first, addr(1), { source: 'routing' })

  book.observe(more[0] as PeerId, addr(1), { source: 'pubsub' })
  t.deepEqual(knownOf(book, all), [pinned, connected, given, bootstrap, first, more[0]])
  more.slice(1, 10).forEach(peer => book.observe(peer, addr(1), { source: 'pubsub' }))
  t.deepEqual(knownOf(book, all), [pinned, connected, given, bootstrap, more[8], more[9]])
  t.is(book.size, 6)

  pin.release()
  disconnect(connection)
  more.slice(10, 14).forEach(peer => book.observe(peer, addr(1), { source: 'pubsub' }))
  t.deepEqual(knownOf(book, all), [given, bootstrap, ...more.slice(10, 14)])
  await book.stop()
})

test('a hearsay peer evicts only hearsay peers, not signed, identified or dialled ones', async t => {
  const { book } = node({ maxPeers: 8 })
  const { key, peer: signer } = await newKey()
  const [dialled, found, mine, user, a, b, c, d, ...more] = others as [PeerId, PeerId, PeerId, PeerId, PeerId, PeerId, PeerId, PeerId, ...PeerId[]]
  await book.consumeRecord(await sealRecord(key, { seq: 2n, multiaddrs: addrs(0, 1) }))
  book.recordDialled(dialled, [addr(1)])
  book.observe(found, addr(1), { source: 'mdns' })
  book.observe(mine, addr(1), { source: 'mine' })
  book.observe(user, addr(1), { source: 'user', ttl: HOUR })
  const trusted = [signer, dialled, found, mine, user]

  for (const peer of [a, b, c, d, ...more]) {
    t.is(book.observe(peer, addr(1), { source: 'dht', reporter }), 1)
  }

  t.deepEqual(knownOf(book, trusted), trusted)
  t.is(book.size, 8)
  book.removeReports('dht')
  ;[a, b, c].forEach(peer => { book.observe(peer, addr(1), { source: 'identify' }) })
  t.is(book.observe(d, addr(1), { source: 'dht', reporter }), 0, 'nobody is left whom hearsay may evict')
})

for (const ttl of [undefined, HOUR]) {
  const named = ttl == null ? 'without a TTL' : 'with a TTL'

  test(`hearsay evicts no peer that the user named ${named}, and is evicted for such peers`, t => {
    const { book } = node({ maxPeers: 8 })
    const [users, heard] = [others.slice(0, 4), others.slice(4, 24)]
    heard.slice(0, 8).forEach(peer => { book.observe(peer, addr(1), { source: 'dht', reporter }) })
    users.forEach(peer => { t.is(book.observe(peer, addr(1), { source: 'user', ttl }), 1) })
    t.deepEqual(knownOf(book, others), [...users, ...heard.slice(4, 8)], 'the oldest hearsay makes room for the peers of the user')

    heard.slice(8).forEach(peer => { t.is(book.observe(peer, addr(1), { source: 'dht', reporter }), 1) })
    t.deepEqual(knownOf(book, others), [...users, ...heard.slice(-4)], 'hearsay makes room for hearsay')
  })

  test(`hearsay is refused when all peers in the book are those that the user named ${named}`, t => {
    const { book } = node({ maxPeers: 8 })
    const users = others.slice(0, 8)
    users.forEach(peer => { t.is(book.observe(peer, addr(1), { source: 'user', ttl }), 1) })

    t.is(book.observe(others[8] as PeerId, addr(1), { source: 'dht', reporter }), 0)
    t.deepEqual(knownOf(book, others), users)
  })
}

test('peers of an application source evict no dialled peer, and leave a quarter of the book to hearsay', async t => {
  const { book } = node({ maxPeers: 8 })
  const heard = others.slice(0, 4)
  const [one, two, ...told] = others.slice(4)
  heard.forEach(peer => { book.observe(peer, addr(1), { source: 'pubsub' }) })
  book.recordDialled(one as PeerId, [addr(1)])
  book.recordDialled(two as PeerId, [addr(1)])
  told.forEach(peer => { book.observe(peer, addr(1), { source: 'mine' }) })
  t.deepEqual(knownOf(book, others), [...heard.slice(2), one, two, ...told.slice(-4)])
})

for (const source of ['mine', 'mdns']) {
  test(`peers that ${source} names evict no peer that identified or signed an address itself`, async t => {
    const { book } = node({ maxPeers: 8 })
    const { key, peer: signer } = await newKey()
    const [connected, ...named] = others as [PeerId, ...PeerId[]]
    await book.consumeRecord(await sealRecord(key, { seq: 1n, multiaddrs: addrs(0, 1) }))
    book.observe(connected, addr(1), { source: 'identify', reporter: connected })
    named.forEach(peer => { t.is(book.observe(peer, addr(1), { source }), 1) })
    t.deepEqual(knownOf(book, [signer, ...others]), [signer, connected, ...named.slice(-6)])
  })
}

test('a reporter may fill at most a tenth of the book with peers that no other source has named', async t => {
  const { book } = node({ maxPeers: 1_000 })
  const [liar, honest] = others as [PeerId, PeerId]
  const many = await newPeers(160)
  many.slice(0, 20).forEach(peer => { book.observe(peer, addr(1), { source: 'dht', reporter: honest }) })
  many.slice(20).forEach(peer => { book.observe(peer, addr(1), { source: 'dht', reporter: liar }) })
  t.deepEqual(knownOf(book, many), [...many.slice(0, 20), ...many.slice(60)])

  book.observe(many[60] as PeerId, addr(2), { source: 'identify' })
  book.observe(peer, addr(1), { source: 'dht', reporter: liar })
  t.is(knownOf(book, many).length, 120, 'a peer that has spoken for itself does not count')
})

test('user-given peers beyond half of the book can be evicted by other sources', async t => {
  const { book, connect } = node({ maxPeers: 8 })
  await book.start()
  others.slice(0, 20).forEach(peer => { t.is(book.observe(peer, addr(1), { source: 'user' }), 1) })
  t.deepEqual(knownOf(book, others), [...others.slice(0, 4), ...others.slice(16, 20)])
  others.slice(20, 23).forEach(peer => connect(peer, addr(1)))
  const { key, peer: signer } = await newKey()
  t.like(await book.consumeRecord(await sealRecord(key, { seq: 1n, multiaddrs: addrs(0, 1) })), { status: 'accepted' })
  t.is(book.owner('app').pin(signer, { addresses: [addr(1)] }).state, 'held')
  t.deepEqual(knownOf(book, others), [...others.slice(0, 4), ...others.slice(20, 23)])
  await book.stop()
})

test('beyond half of the book, user-given peers evict hearsay and each other, not signed, identified or dialled peers', async t => {
  const { book } = node({ maxPeers: 8 })
  const { key, peer: signer } = await newKey()
  const [heard, told, dialled, both, a, b, c, ...more] = others as [PeerId, PeerId, PeerId, PeerId, PeerId, PeerId, PeerId, ...PeerId[]]
  await book.consumeRecord(await sealRecord(key, { seq: 1n, multiaddrs: addrs(0, 1) }))
  book.observe(heard, addr(1), { source: 'dht' })
  book.observe(told, addr(1), { source: 'mine' })
  book.recordDialled(dialled, [addr(1)])
  ;[a, b, c, more[0] as PeerId].forEach(peer => { book.observe(peer, addr(1), { source: 'user' }) })
  t.deepEqual(knownOf(book, [signer, ...others]), [signer, heard, told, dialled, a, b, c, more[0]])

  book.observe(both, addr(1), { source: 'user' })
  book.observe(both, addr(1), { source: 'identify' })
  t.deepEqual(knownOf(book, [signer, ...others]), [signer, told, dialled, both, a, b, c, more[0]])

  t.is(book.observe(more[1] as PeerId, addr(1), { source: 'user' }), 0, 'nothing is left that it may evict')
  book.removeReports('mine')
  more.slice(1).forEach(peer => { t.is(book.observe(peer, addr(1), { source: 'user' }), 1) })
  t.deepEqual(knownOf(book, [signer, ...others]), [signer, dialled, both, a, b, c, more[0], more.at(-1)])

  book.observe(told, addr(1), { source: 'mine' })
  t.deepEqual(knownOf(book, [signer, ...others]), [signer, told, dialled, both, a, b, c, more[0]])
})

test('peers that the user named with a TTL evict each other, and not the few peers of other sources', t => {
  const { book } = node({ maxPeers: 8 })
  const [heard, told, found, ...written] = others as [PeerId, PeerId, PeerId, ...PeerId[]]
  book.observe(heard, addr(1), { source: 'dht' })
  book.observe(told, addr(1), { source: 'identify' })
  book.observe(found, addr(1), { source: 'mdns' })
  written.slice(0, 20).forEach(peer => { t.is(book.observe(peer, addr(1), { source: 'user', ttl: HOUR }), 1) })
  t.deepEqual(knownOf(book, others), [heard, told, found, ...written.slice(15, 20)])
})

test('the book refuses a new peer when all its peers are connected', async t => {
  const { book, connect } = node({ maxPeers: 2 })
  await book.start()
  others.slice(0, 2).forEach(peer => connect(peer, addr(1)))
  t.is(book.observe(peer, addr(1), { source: 'identify' }), 0)
  t.is(book.observe(peer, addr(1), { source: 'user' }), 0)
  t.is(book.size, 2)
  await book.stop()
})

test('a record\'s seq is remembered after the peer is evicted', async t => {
  const { book } = node({ maxPeers: 4 })
  const { key, peer: signer } = await newKey()
  const [old, now] = [await sealRecord(key, { seq: 1n, multiaddrs: addrs(0, 1) }), await sealRecord(key, { seq: 2n, multiaddrs: addrs(1, 2) })]
  await book.consumeRecord(now)
  others.slice(0, 8).forEach(peer => { book.observe(peer, addr(1), { source: 'identify' }) })
  t.deepEqual(knownOf(book, [signer]), [])
  t.like(await book.consumeRecord(old), { status: 'refused', reason: 'replayed' })
})

test('the book sets no timer while no report can expire, and none remains after stop()', async t => {
  const { book, clock } = node()
  await book.start()
  t.is(clock.pending, 0)
  peers.forEach(peer => book.observe(peer, addr(1), { source: 'user' }))
  t.is(clock.pending, 0)
  peers.forEach(peer => book.observe(peer, addr(1), { source: 'routing' }))
  peers.forEach(peer => book.observe(peer, addr(2), { source: 'dht' }))
  t.is(clock.pending, 1)
  await clock.advance(4 * MINUTE)
  t.is(clock.pending, 1)
  await clock.advance(13 * MINUTE)
  t.is(clock.pending, 0)
  book.observe(peer, addr(1), { source: 'dht' })
  t.is(clock.pending, 1)
  book.removeReports('dht')
  book.removeReports('user')
  await clock.advance(3 * MINUTE)
  t.is(clock.pending, 0)
  book.observe(peer, addr(1), { source: 'dht' })
  await book.stop()
  t.is(clock.pending, 0)
  book.observe(peer, addr(2), { source: 'dht' })
  t.is(clock.pending, 0)
})

/** Returns an address of the given size in bytes */
function ofBytes (bytes: number): Multiaddr {
  return multiaddr(`/dns4/${'a'.repeat(bytes - 6)}/tcp/1`)
}

test('a sweep of 1,100 peers with expired reports handles at most 200 in one turn of the event loop', async t => {
  const { book, clock } = node()
  const perTurn = new TurnCounter()
  await book.start()
  const many = fakePeers(1_100)
  many.forEach(peer => { book.observe(peer, addr(1), { source: 'dht' }) })
  book.subscribe(undefined, () => { perTurn.add() })
  await clock.advance(4 * MINUTE)
  t.is(book.size, 0)
  t.is(perTurn.max, 200)
  t.is(clock.pending, 0)
  await book.stop()
})

test('observe() and recordDialled() refuse an address over 1,024 bytes of any source and keep the others of the call', t => {
  const { book, connect } = node()

  for (const source of ['dht', 'identify', 'user']) {
    t.is(book.observe(peer, [ofBytes(1_025), addr(1), ofBytes(100_000)], { source, reporter }), 1, source)
  }

  t.is(book.recordDialled(peer, [ofBytes(1_025), addr(1)]), 1)
  t.is(book.observe(peer, ofBytes(1_024), { source: 'user' }), 1)
  t.is(book.observe(peer, ofBytes(1_025).encapsulate(`/p2p/${peer}`), { source: 'user' }), 0)
  t.is(book.observe(peer, ofBytes(1_024).encapsulate(`/p2p/${peer}`), { source: 'user' }), 1, 'without the suffix of the peer')
  connect(peer, ofBytes(2_000))
  t.deepEqual(texts(book, peer), [addr(1), ofBytes(1_024)].map(String))
})

test('pinning an address over 1,024 bytes throws, and pins nothing', t => {
  const { book } = node()
  const owner = book.owner('dcutr')
  t.throws(() => owner.pin(peer, { addresses: [addr(1), ofBytes(1_025)] }), { name: 'InvalidParametersError', message: /^Cannot pin an address of .*: it has 1025 bytes, more than 1024$/ })
  t.deepEqual(owner.usage, { pins: 0, peers: 0, addresses: 0 })
  t.is(book.size, 0)
  t.notThrows(() => owner.pin(peer, { addresses: [ofBytes(1_024)] }))
})

test('a source or owner name of more than 256 characters throws', t => {
  const { book } = node()
  const long = 'x'.repeat(257)
  t.throws(() => book.observe(peer, addr(1), { source: long }), { name: 'InvalidParametersError', message: 'observe() knows no source of 257 characters, \'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…\': 256 at most' })
  t.throws(() => book.owner(long), { name: 'InvalidParametersError' })
  t.throws(() => withSource(long, () => {}), { name: 'InvalidParametersError' })
  t.is(book.observe(peer, addr(1), { source: long.slice(1) }), 1)
})

/** Peer id of a multihash longer than any real one */
const huge = peerIdFromMultihash({ code: 0x12, size: 1_000, digest: new Uint8Array(1_000).fill(7), bytes: Uint8Array.from([0x12, 0xe8, 0x07, ...new Uint8Array(1_000).fill(7)]) })

test('observe() refuses a peer id or reporter of more than 256 characters, and pin() throws', t => {
  const { book } = node()
  t.true(huge.toString().length > 256)
  t.is(book.observe(huge, addr(1), { source: 'dht', reporter }), 0)
  t.is(book.observe(peer, addr(1), { source: 'dht', reporter: huge }), 0)
  t.throws(() => book.owner('dcutr').pin(huge, { addresses: [addr(1)] }), { name: 'InvalidParametersError', message: /^Cannot pin / })
  t.is(book.size, 0)
})

test('observe() refuses a peer id made from a URL, so that the write of other peers succeeds', async t => {
  const datastore = new MemoryDatastore()
  const { book, log } = node({ datastore })
  const digest = new TextEncoder().encode('https://a.example/')
  const url = peerIdFromMultihash({ code: 0, size: digest.length, digest, bytes: Uint8Array.from([0, digest.length, ...digest]) })
  t.is(url.type, 'url')
  await book.start()
  book.subscribe(undefined, () => {})
  t.is(book.observe(url, addr(1), { source: 'dht', reporter }), 0)
  t.is(book.observe(peer, addr(1), { source: 'user' }), 1)
  t.throws(() => book.owner('dcutr').pin(url, { addresses: [addr(1)] }), { name: 'InvalidParametersError' })
  await book.stop()
  t.deepEqual(log, [])

  const again = node({ datastore })
  await again.book.start()
  t.is(again.book.size, 1)
  await again.book.stop()
})
