import test from 'ava'
import { sealRecord } from '../../src/records/seal-record.ts'
import { addr, addrs, fakePeers, HOUR, knownOf, newKey, node, texts } from './kit.ts'
import type { PeerId } from '@libp2p/interface'

const [peer, reporter, ...others] = fakePeers(40) as [PeerId, PeerId, ...PeerId[]]

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

test('a peer that the user named with a TTL is evicted before hearsay that has at most a quarter of the book', t => {
  const { book } = node({ maxPeers: 8 })
  const named = others.slice(0, 9)
  const sources = ['dht', 'dht', 'user', 'mdns', 'mdns', 'identify', 'identify', 'identify', 'mdns']
  named.forEach((peer, i) => { book.observe(peer, addr(1), { source: sources[i] as string, ttl: HOUR }) })
  t.deepEqual(knownOf(book, named), named.filter((_, i) => i !== 2))
})

test('connected peers do not count against the half of the book that user-given peers may fill', async t => {
  const { book, connect } = node({ maxPeers: 8 })
  await book.start()
  others.slice(0, 4).forEach(peer => connect(peer, addr(1), 'inbound'))
  others.slice(4, 8).forEach(peer => { book.observe(peer, addr(1), { source: 'user' }) })
  t.is(book.observe(peer, addr(1), { source: 'mdns' }), 0)
  t.deepEqual(knownOf(book, others), others.slice(0, 8))
  await book.stop()
})

test('a peer that the user named with a TTL is not evicted after the user names it without one', t => {
  const { book } = node({ maxPeers: 4 })
  book.observe(peer, addr(1), { source: 'user', ttl: HOUR })
  book.observe(peer, addr(1), { source: 'user' })
  others.slice(0, 8).forEach(peer => { book.observe(peer, addr(1), { source: 'identify' }) })
  t.is(texts(book, peer).length, 1)
})
