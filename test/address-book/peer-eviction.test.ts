import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { sealRecord } from '../../src/records/seal-record.ts'
import { addr, addrs, fakePeers, HOUR, knownOf, newKey, node, texts } from './kit.ts'
import type { PeerId } from '@libp2p/interface'

const [peer, reporter, ...others] = fakePeers(40) as [PeerId, PeerId, ...PeerId[]]

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

test('the book refuses a new peer when all its peers are connected', async t => {
  const { book, connect } = node({ maxPeers: 2 })
  await book.start()
  others.slice(0, 2).forEach(peer => connect(peer, addr(1)))
  t.is(book.observe(peer, addr(1), { source: 'identify' }), 0)
  t.is(book.observe(peer, addr(1), { source: 'user' }), 0)
  t.is(book.size, 2)
  await book.stop()
})

test('a peer evicts one of its own trust before a less trusted one while no trust has more than a quarter of the book', t => {
  const { book } = node({ maxPeers: 8 })
  const named = others.slice(0, 9)
  const sources = ['dht', 'dht', 'mdns', 'mdns', 'identify', 'identify', 'dialled', 'dialled']
  named.slice(0, 8).forEach((peer, i) => {
    if (sources[i] === 'dialled') {
      book.recordDialled(peer, [addr(1)])
    } else {
      book.observe(peer, addr(1), { source: sources[i] as string })
    }
  })
  book.observe(named[8] as PeerId, addr(1), { source: 'mdns' })
  t.deepEqual(knownOf(book, named), named.filter((_, i) => i !== 2))
})

for (const [stays, refused] of [['mine', 'dht'], ['identify', 'mine'], ['dialled', 'identify'], ['dialled', 'mine'], ['identify', 'dht']] as const) {
  test(`a peer of source ${refused} does not evict one of ${stays}, even when those fill the book`, t => {
    const { book } = node({ maxPeers: 4 })
    const observe = (peer: PeerId, source: string): number => source === 'dialled' ? book.recordDialled(peer, [addr(1)]) : book.observe(peer, addr(1), { source })
    others.slice(0, 4).forEach(peer => { observe(peer, stays) })
    t.is(observe(peer, refused), 0)
    t.is(observe(peer, stays), 1)
  })
}

test('a connected peer without a dialable address is not evicted until it disconnects', async t => {
  const { book, connect, disconnect } = node({ maxPeers: 4 })
  await book.start()
  book.observe(peer, addr(1), { source: 'dht' })
  const connection = connect(peer, multiaddr(`/p2p/${peer}`), 'inbound')
  others.slice(0, 8).forEach(peer => { book.observe(peer, addr(1), { source: 'dht' }) })
  t.is(texts(book, peer).length, 1)
  disconnect(connection)
  others.slice(0, 8).forEach(peer => { book.observe(peer, addr(1), { source: 'dht' }) })
  t.is(texts(book, peer).length, 0)
  await book.stop()
})

test('the book holds 10,000 peers, and one more evicts one', t => {
  const { book } = node()
  fakePeers(10_000).forEach(peer => { book.observe(peer, addr(1), { source: 'pubsub' }) })
  t.is(book.size, 10_000)
  book.observe(peer, addr(1), { source: 'pubsub' })
  t.is(book.size, 10_000)
})
