// the peer, address or report that is evicted when a limit is reached
import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { addr, addrs, candidateOf, fakePeers, HOUR, MINUTE, newPeers, node, SECOND, texts } from './kit.ts'
import type { AddressBook } from '../../src/address-book/address-book.ts'
import type { PeerId } from '@libp2p/interface'

const [peer, reporter, other, third] = await newPeers(4) as [PeerId, PeerId, PeerId, PeerId]
const many = fakePeers(80)

function knownOf (book: AddressBook, peers: readonly PeerId[]): number[] {
  return peers.flatMap((peer, i) => book.query(peer).length > 0 ? [i] : [])
}

test('a peer that the user named with a TTL is evicted before hearsay that has at most a quarter of the book', t => {
  const { book } = node({ maxPeers: 8 })
  const named = many.slice(0, 9)
  const sources = ['dht', 'dht', 'user', 'mdns', 'mdns', 'identify', 'identify', 'identify', 'mdns']
  named.forEach((peer, i) => { book.observe(peer, addr(1), { source: sources[i] as string, ttl: HOUR }) })
  t.deepEqual(knownOf(book, named), [0, 1, 3, 4, 5, 6, 7, 8])
})

test('a peer evicts one of its own trust before a less trusted one while no trust has more than a quarter of the book', t => {
  const { book } = node({ maxPeers: 8 })
  const named = many.slice(0, 9)
  const sources = ['dht', 'dht', 'mdns', 'mdns', 'identify', 'identify', 'dialled', 'dialled']
  named.slice(0, 8).forEach((peer, i) => {
    if (sources[i] === 'dialled') {
      book.recordDialled(peer, [addr(1)])
    } else {
      book.observe(peer, addr(1), { source: sources[i] as string })
    }
  })
  book.observe(named[8] as PeerId, addr(1), { source: 'mdns' })
  t.deepEqual(knownOf(book, named), [0, 1, 3, 4, 5, 6, 7, 8])
})

for (const [stays, refused] of [['mine', 'dht'], ['identify', 'mine'], ['dialled', 'identify'], ['dialled', 'mine'], ['identify', 'dht']] as const) {
  test(`a peer of source ${refused} does not evict one of ${stays}, even when those fill the book`, t => {
    const { book } = node({ maxPeers: 4 })
    const observe = (peer: PeerId, source: string): number => source === 'dialled' ? book.recordDialled(peer, [addr(1)]) : book.observe(peer, addr(1), { source })
    many.slice(0, 4).forEach(peer => { observe(peer, stays) })
    t.is(observe(peer, refused), 0)
    t.is(observe(peer, stays), 1)
  })
}

test('connected peers do not count against the half of the book that user-given peers may fill', async t => {
  const { book, connect } = node({ maxPeers: 8 })
  await book.start()
  many.slice(0, 4).forEach(peer => connect(peer, addr(1), 'inbound'))
  many.slice(4, 8).forEach(peer => { book.observe(peer, addr(1), { source: 'user' }) })
  t.is(book.observe(peer, addr(1), { source: 'mdns' }), 0)
  t.deepEqual(knownOf(book, many), [0, 1, 2, 3, 4, 5, 6, 7])
  await book.stop()
})

test('a peer that the user named with a TTL is not evicted after the user names it without one', t => {
  const { book } = node({ maxPeers: 4 })
  book.observe(peer, addr(1), { source: 'user', ttl: HOUR })
  book.observe(peer, addr(1), { source: 'user' })
  many.slice(0, 8).forEach(peer => { book.observe(peer, addr(1), { source: 'identify' }) })
  t.is(texts(book, peer).length, 1)
})

test('a connected peer without a dialable address is not evicted until it disconnects', async t => {
  const { book, connect, disconnect } = node({ maxPeers: 4 })
  await book.start()
  book.observe(peer, addr(1), { source: 'dht' })
  const connection = connect(peer, multiaddr(`/p2p/${peer}`), 'inbound')
  many.slice(0, 8).forEach(peer => { book.observe(peer, addr(1), { source: 'dht' }) })
  t.is(texts(book, peer).length, 1)
  disconnect(connection)
  many.slice(0, 8).forEach(peer => { book.observe(peer, addr(1), { source: 'dht' }) })
  t.is(texts(book, peer).length, 0)
  await book.stop()
})

test('naming a connected peer does not evict another peer that the same reporter named', async t => {
  const { book, connect } = node({ maxPeers: 100 })
  await book.start()
  connect(peer, multiaddr(`/p2p/${peer}`), 'inbound')
  many.slice(0, 64).forEach(peer => { book.observe(peer, addr(1), { source: 'dht', reporter }) })
  book.observe(peer, addr(1), { source: 'dht', reporter })
  t.is(book.size, 65)
  await book.stop()
})

test('the cap of peers for each reporter counts hearsay only', t => {
  const { book } = node({ maxPeers: 100 })
  many.slice(0, 65).forEach(peer => { book.observe(peer, addr(1), { source: 'derived', reporter }) })
  t.is(book.size, 65)
})

test('forgetting a peer frees its place in the cap of its reporter', t => {
  const { book } = node({ maxPeers: 100 })
  many.slice(0, 2).forEach(peer => { book.observe(peer, addr(1), { source: 'dht', reporter }) })
  book.forget(many[0] as PeerId)
  many.slice(2, 66).forEach(peer => { book.observe(peer, addr(1), { source: 'dht', reporter }) })
  t.is(book.size, 64)
})

test('expired reports free their places for new ones, without a query or sweep in between', async t => {
  const { book, clock } = node()
  book.observe(peer, addrs(0, 64), { source: 'identify' })
  await clock.advance(HOUR)
  t.is(book.observe(peer, addr(100), { source: 'dht' }), 1)
  t.deepEqual(texts(book, peer), [`${addr(100)}`])
})

test('a report with a TTL of 1 ms is kept to the end of that second, and one with a TTL of 0 is refused', async t => {
  const { book, clock } = node()
  t.is(book.observe(peer, addr(1), { source: 'mine', ttl: 1 }), 1)
  t.is(book.observe(peer, addr(2), { source: 'mine', ttl: 0 }), 0)
  t.is(texts(book, peer).length, 1)
  await clock.advance(SECOND)
  t.is(texts(book, peer).length, 0)
})

test('a report of a failed address evicts no report of the same trust', async t => {
  const { book, clock } = node()
  book.observe(peer, addrs(0, 8), { source: 'dht', reporter })
  book.observe(peer, addrs(8, 16), { source: 'dht', reporter: other })
  book.observe(peer, addrs(200, 202), { source: 'routing' })
  book.attempted(candidateOf(peer, addr(200)), 'failed')
  await clock.advance(SECOND)
  t.is(book.observe(peer, addr(200), { source: 'dht', reporter: third }), 0)
  t.is(book.observe(peer, addr(201), { source: 'dht', reporter: third }), 1)
})

for (const [what, name, isEvicted] of [
  ['is the first to be evicted of its trust', () => {}, true],
  ['is so still when hearsay names it again', (book: AddressBook) => { book.observe(peer, addr(12), { source: 'routing', reporter }) }, true],
  ['is not when the peer itself names it again', (book: AddressBook) => {
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

test('a reporter at its cap of 8 addresses may repeat one with another source, and may not name new ones', t => {
  const { book } = node()
  book.observe(peer, addrs(0, 8), { source: 'routing', reporter })
  book.observe(peer, addr(50), { source: 'user' })
  t.is(book.observe(peer, addr(0), { source: 'dht', reporter }), 1)
  t.is(book.observe(peer, addr(50), { source: 'routing', reporter }), 0)
  t.is(book.query(peer).filter(({ provenance }) => provenance.some(one => one.reporter === `${reporter}`)).length, 8)
})

test('observe() returns how many addresses remain when one call\'s public addresses evict its private ones', t => {
  const { book } = node()
  const near = Array.from({ length: 64 }, (_, n) => multiaddr(`/ip4/10.0.0.${n}/tcp/1`))
  t.is(book.observe(peer, [...near, ...addrs(0, 10)], { source: 'pubsub' }), 64)
  t.is(texts(book, peer).filter(text => text.startsWith('/ip4/10.')).length, 54)
})

test('repeating a report keeps the highest seq', t => {
  const { book } = node()
  const seqs = [7n, 8n, undefined].map(seq => {
    book.observe(peer, addr(1), { source: 'mine', seq })

    return book.query(peer)[0]?.provenance[0]?.seq
  })
  t.deepEqual(seqs, [7n, 8n, 8n])
})

test('start() schedules a sweep for reports made before it, and sweeps expired ones at once', async t => {
  const { book, clock } = node()
  book.observe(peer, addr(1), { source: 'dht' })
  let heard = 0
  book.subscribe(peer, () => { heard++ })
  await clock.advance(10 * MINUTE)
  await book.start()
  t.is(heard, 0)
  await clock.advance(0)
  t.is(heard, 1)
  t.is(clock.pending, 0)
  await book.stop()
})

test('a sweep schedules the next one for reports that expire later', async t => {
  const { book, clock } = node()
  await book.start()
  book.observe(peer, addr(1), { source: 'dht' })
  book.observe(other, addr(1), { source: 'identify' })
  let heard = 0
  book.subscribe(undefined, () => { heard++ })
  await clock.advance(3 * MINUTE)
  t.deepEqual([heard, clock.pending], [1, 1])
  await clock.advance(HOUR)
  t.deepEqual([heard, clock.pending], [2, 0])
  await book.stop()
})

test('a sweep runs at most a minute after reports expire, and removes all of them without a wait', async t => {
  const { book, clock } = node()
  await book.start()
  const peers = fakePeers(1_100)
  const due = Math.ceil((clock.now() + SECOND) / MINUTE) * MINUTE
  let heard = 0
  peers.forEach(peer => { book.observe(peer, addr(1), { source: 'mine', ttl: SECOND }) })
  book.subscribe(undefined, () => { heard++ })
  await clock.advance(due - clock.now() - 1)
  t.is(heard, 0)
  await clock.advance(1)
  t.is(heard, 1_100)
  t.is(clock.now(), due)
  await book.stop()
})

test('a sweep skips a peer that was forgotten and added again while it runs', async t => {
  const { book, clock } = node()
  await book.start()
  const peers = fakePeers(500)
  const [first] = peers as [PeerId]
  peers.forEach(peer => { book.observe(peer, addr(1), { source: 'dht' }) })
  const end = book.subscribe(undefined, () => {
    end()
    book.forget(first)
    book.observe(first, addr(2), { source: 'user' })
  })
  await clock.advance(4 * MINUTE)
  t.deepEqual(texts(book, first), [`${addr(2)}`])
  t.is(book.size, 1)
  await book.stop()
})

test('ending a subscription twice does not end another subscription to the same peer', t => {
  const { book } = node()
  let heard = 0
  const end = book.subscribe(peer, () => {})
  end()
  book.subscribe(peer, () => { heard++ })
  end()
  book.observe(peer, addr(1), { source: 'dht' })
  t.is(heard, 1)
})

test('explain() prints each address with its reports, pins and open connections', async t => {
  const { book, connect, clock } = node()
  await book.start()
  book.observe(peer, addr(2), { source: 'dht', reporter })
  await clock.advance(SECOND)
  book.observe(peer, addr(2), { source: 'dht', reporter })
  book.observe(peer, addr(2), { source: 'mine', seq: 7n })
  book.owner('early').pin(peer, { addresses: [addr(2)], ttl: HOUR })
  connect(peer, addr(1))
  book.owner('late').pin(peer, { addresses: [addr(2)], ttl: MINUTE })
  book.observe(peer, addr(3), { source: 'identify', reporter: peer })
  t.is(book.explain(peer), `${peer}: 3 addresses, connected
/ip4/45.0.0.2/tcp/4001
  pinned by early until 2001-09-09T02:46:41Z
  pinned by late until 60 s after the last connection
  dht by ${reporter}, 2 times from 2001-09-09T01:46:40Z to 2001-09-09T01:46:41Z, counts until 2001-09-09T01:48:41Z
  mine, seq 7, at 2001-09-09T01:46:41Z, counts until 2001-09-09T01:48:41Z
/ip4/45.0.0.1/tcp/4001
  in use by a connection
  dialled, at 2001-09-09T01:46:41Z, counts until 2001-09-10T01:46:41Z
/ip4/45.0.0.3/tcp/4001
  identify by ${peer}, at 2001-09-09T01:46:41Z, counts while connected`)
  await book.stop()
})

test('a report that is refused at the limit of addresses evicts no report at the limit of its source', async t => {
  const { book, clock } = node()
  book.observe(peer, addrs(0, 64), { source: 'identify', reporter: peer })
  book.observe(peer, addrs(0, 16), { source: 'dht' })
  await clock.advance(SECOND)
  t.is(book.observe(peer, addr(100), { source: 'dht' }), 0)
  t.is(book.query(peer).filter(({ provenance }) => provenance.some(({ source }) => source === 'dht')).length, 16)
})
