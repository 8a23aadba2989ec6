import test from 'ava'
import { sealRecord } from '../../src/records/seal-record.ts'
import { addr, addrs, candidateOf, fakePeers, HOUR, known, newKey, node, SECOND, texts } from './kit.ts'
import type { PeerId } from '@libp2p/interface'
import type { AddressBook } from '../../src/address-book/address-book.ts'

const [peer, reporter, other, third, ...others] = fakePeers(8) as [PeerId, PeerId, PeerId, PeerId, ...PeerId[]]

test('a new report evicts no report of a pinned address', async t => {
  const { book, clock } = node()
  others.slice(0, 2).forEach((reporter, i) => { book.observe(peer, addrs(i * 8, i * 8 + 8), { source: 'dht', reporter }) })
  const owner = book.owner('dcutr')
  owner.pin(peer, { addresses: addrs(0, 15) })
  await clock.advance(SECOND)
  t.is(book.observe(peer, addrs(50, 52), { source: 'dht', reporter: others[2] }), 1)
  t.deepEqual(known(book, peer), Object.fromEntries([...addrs(0, 15), addr(50)].map(address => [address.toString(), ['dht']])))
})

test('a pin of a whole peer keeps hearsay from expiring, and not from being evicted by later hearsay of the same source', async t => {
  const { book, clock } = node()
  book.observe(peer, addrs(0, 8), { source: 'dht', reporter })
  book.observe(peer, addrs(8, 16), { source: 'dht', reporter: other })
  book.owner('dcutr').pin(peer)
  await clock.advance(10 * SECOND)
  t.is(book.observe(peer, addrs(50, 58), { source: 'dht', reporter: third }), 8)
  t.is(book.observe(peer, addrs(58, 60), { source: 'dht', reporter: other }), 2)
  await clock.advance(600 * SECOND)
  t.is(texts(book, peer).length, 16)
  t.true(addrs(50, 60).every(address => texts(book, peer).includes(`${address}`)))
  t.true(Object.values(known(book, peer)).every(sources => sources.length === 1))
})

test('at 64 addresses of a peer that is pinned as a whole, a new one evicts only those of lower trust', async t => {
  const { book, clock } = node()
  const owner = book.owner('dcutr')
  book.observe(peer, addrs(0, 32), { source: 'routing' })
  book.observe(peer, addrs(32, 64), { source: 'identify' })
  owner.pin(peer, { addresses: addrs(0, 2) })
  owner.pin(peer)
  await clock.advance(SECOND)
  t.is(book.observe(peer, addrs(100, 164), { source: 'pubsub' }), 0)
  t.is(book.observe(peer, addrs(100, 164), { source: 'identify' }), 30)
  t.is(book.recordDialled(peer, addrs(200, 210)), 10)
  t.deepEqual(texts(book, peer).slice(0, 2), addrs(0, 2).map(String))
  t.is(texts(book, peer).length, 64)
})

test('at 64 addresses of a pinned peer, one without a report is evicted for any new one', t => {
  const { book } = node()
  book.observe(peer, addrs(0, 64), { source: 'mine' })
  book.owner('dcutr').pin(peer)
  book.removeReports('mine')
  t.is(book.observe(peer, addrs(100, 110), { source: 'identify', reporter: peer }), 10)
  t.is(book.observe(peer, addr(200), { source: 'dht' }), 1)
  t.is(texts(book, peer).length, 64)
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

test('expired reports free their places for new ones, without a query or sweep in between', async t => {
  const { book, clock } = node()
  book.observe(peer, addrs(0, 64), { source: 'identify' })
  await clock.advance(HOUR)
  t.is(book.observe(peer, addr(100), { source: 'dht' }), 1)
  t.deepEqual(texts(book, peer), [`${addr(100)}`])
})

for (const [what, name, isEvicted] of [
  ['is the first of its trust to be evicted, also when hearsay names it again', (book: AddressBook) => { book.observe(peer, addr(12), { source: 'routing', reporter }) }, true],
  ['is not evicted before others when the peer itself names it again', (book: AddressBook) => {
    book.observe(peer, addr(12), { source: 'identify', reporter: peer })
    book.removeReports('identify')
  }, false]
] as const) {
  test(`an address that has failed ${what}`, async t => {
    const { book, clock } = node()
    book.observe(peer, addrs(0, 8), { source: 'dht', reporter })
    await clock.advance(SECOND)
    book.observe(peer, addrs(8, 16), { source: 'dht', reporter: other })
    book.attempted(candidateOf(peer, addr(12)), 'failed')
    name(book)
    await clock.advance(SECOND)
    t.is(book.observe(peer, addr(50), { source: 'dht', reporter: third }), 1)
    t.is(book.query(peer).some(({ multiaddr, provenance }) => multiaddr.equals(addr(12)) && provenance.some(({ source }) => source === 'dht')), !isEvicted)
  })
}
