// which peer, address or report is evicted where there is no room
import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { PeerEntry } from '../../src/address-book/entry.ts'
import { addr, addrs, candidateOf, fakePeers, HOUR, MINUTE, newPeers, node, SECOND, texts } from './kit.ts'
import type { AddressBook } from '../../src/address-book/address-book.ts'
import type { PeerId } from '@libp2p/interface'

const [peer, reporter, other, third] = await newPeers(4) as [PeerId, PeerId, PeerId, PeerId]
const many = fakePeers(80)

function knownOf (book: AddressBook, peers: readonly PeerId[]): number[] {
  return peers.flatMap((peer, i) => book.query(peer).length > 0 ? [i] : [])
}

test('a peer that the application names evicts one that the user named for a time before hearsay', t => {
  const { book } = node({ maxPeers: 8 })
  const named = many.slice(0, 9)
  const sources = ['dht', 'dht', 'user', 'mdns', 'mdns', 'identify', 'identify', 'identify', 'mdns']
  named.forEach((peer, i) => { book.observe(peer, addr(1), { source: sources[i] as string, ttl: HOUR }) })
  t.deepEqual(knownOf(book, named), [0, 1, 3, 4, 5, 6, 7, 8])
})

test('a peer evicts another of its own kind before one of less trust, where no kind has more than a quarter', t => {
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
  test(`peers of ${stays} are not evicted for one of ${refused}, however many there are`, t => {
    const { book } = node({ maxPeers: 4 })
    const observe = (peer: PeerId, source: string): number => source === 'dialled' ? book.recordDialled(peer, [addr(1)]) : book.observe(peer, addr(1), { source })
    many.slice(0, 4).forEach(peer => { observe(peer, stays) })
    t.is(observe(peer, refused), 0)
    t.is(observe(peer, stays), 1)
  })
}

test('peers that are connected take no room from those that the user gave for good', async t => {
  const { book, connect } = node({ maxPeers: 8 })
  await book.start()
  many.slice(0, 4).forEach(peer => connect(peer, addr(1), 'inbound'))
  many.slice(4, 8).forEach(peer => { book.observe(peer, addr(1), { source: 'user' }) })
  t.is(book.observe(peer, addr(1), { source: 'mdns' }), 0)
  t.deepEqual(knownOf(book, many), [0, 1, 2, 3, 4, 5, 6, 7])
  await book.stop()
})

test('a peer that the user named for a time is kept once the user names it for good', t => {
  const { book } = node({ maxPeers: 4 })
  book.observe(peer, addr(1), { source: 'user', ttl: HOUR })
  book.observe(peer, addr(1), { source: 'user' })
  many.slice(0, 8).forEach(peer => { book.observe(peer, addr(1), { source: 'identify' }) })
  t.is(texts(book, peer).length, 1)
})

test('a peer that connects from no address that can be dialled is kept while it is connected', async t => {
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

test('a connected peer that a reporter names takes no other of those away that the reporter has named', async t => {
  const { book, connect } = node({ maxPeers: 100 })
  await book.start()
  connect(peer, multiaddr(`/p2p/${peer}`), 'inbound')
  many.slice(0, 64).forEach(peer => { book.observe(peer, addr(1), { source: 'dht', reporter }) })
  book.observe(peer, addr(1), { source: 'dht', reporter })
  t.is(book.size, 65)
  await book.stop()
})

test('only hearsay counts for the peers that a reporter may name', t => {
  const { book } = node({ maxPeers: 100 })
  many.slice(0, 65).forEach(peer => { book.observe(peer, addr(1), { source: 'derived', reporter }) })
  t.is(book.size, 65)
})

test('a reporter may name as many peers as before when one of two has gone', t => {
  const { book } = node({ maxPeers: 100 })
  many.slice(0, 2).forEach(peer => { book.observe(peer, addr(1), { source: 'dht', reporter }) })
  book.forget(many[0] as PeerId)
  many.slice(2, 66).forEach(peer => { book.observe(peer, addr(1), { source: 'dht', reporter }) })
  t.is(book.size, 64)
})

test('reports that have expired make room, whoever made them, also where nobody has looked since', async t => {
  const { book, clock } = node()
  book.observe(peer, addrs(0, 64), { source: 'identify' })
  await clock.advance(HOUR)
  t.is(book.observe(peer, addr(100), { source: 'dht' }), 1)
  t.deepEqual(texts(book, peer), [`${addr(100)}`])
})

test('a report counts for one millisecond, and up to the end of a second', async t => {
  const { book, clock } = node()
  t.is(book.observe(peer, addr(1), { source: 'mine', ttl: 1 }), 1)
  t.is(book.observe(peer, addr(2), { source: 'mine', ttl: 0 }), 0)
  t.is(texts(book, peer).length, 1)
  await clock.advance(SECOND)
  t.is(texts(book, peer).length, 0)
})

test('a report of an address that has failed evicts no other of its trust', async t => {
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
    book.withdraw('identify')
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

test('a reporter that has named 8 addresses may name one of them for another source, and none that others have named', t => {
  const { book } = node()
  book.observe(peer, addrs(0, 8), { source: 'routing', reporter })
  book.observe(peer, addr(50), { source: 'user' })
  t.is(book.observe(peer, addr(0), { source: 'dht', reporter }), 1)
  t.is(book.observe(peer, addr(50), { source: 'routing', reporter }), 0)
  t.is(book.query(peer).filter(({ provenance }) => provenance.some(one => one.reporter === `${reporter}`)).length, 8)
})

test('returns how many addresses are kept where some of one report are evicted for others of it', t => {
  const { book } = node()
  const near = Array.from({ length: 64 }, (_, n) => multiaddr(`/ip4/10.0.0.${n}/tcp/1`))
  t.is(book.observe(peer, [...near, ...addrs(0, 10)], { source: 'pubsub' }), 64)
  t.is(texts(book, peer).filter(text => text.startsWith('/ip4/10.')).length, 54)
})

test('keeps the highest sequence number that comes with a report that is made again', t => {
  const { book } = node()
  const seqs = [7n, 8n, undefined].map(seq => {
    book.observe(peer, addr(1), { source: 'mine', seq })

    return book.query(peer)[0]?.provenance[0]?.seq
  })
  t.deepEqual(seqs, [7n, 8n, 8n])
})

test('a peer is looked at from the second in which something of it ends', t => {
  const entry = new PeerEntry(`${peer}`)
  t.is(entry.earliest, Infinity)
  entry.earliest = 1_800_000_000_999
  t.is(entry.earliest, 1_800_000_000_000)
})

test('a sweep finds what was reported before the start, at once where that has ended', async t => {
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

test('a sweep goes on for what ends later', async t => {
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

test('a sweep is made a minute or less after something has ended, at all of it without a wait', async t => {
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

test('a sweep leaves a peer alone that has gone and come back since the sweep began', async t => {
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

test('a listener that is ended twice ends no other of the peer', t => {
  const { book } = node()
  let heard = 0
  const end = book.subscribe(peer, () => {})
  end()
  book.subscribe(peer, () => { heard++ })
  end()
  book.observe(peer, addr(1), { source: 'dht' })
  t.is(heard, 1)
})

test('explains an address in use, one that is pinned, and each report', async t => {
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
