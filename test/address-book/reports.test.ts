import test from 'ava'
import { addr, addrs, fakePeers, HOUR, known, MINUTE, node } from './kit.ts'
import type { PeerId } from '@libp2p/interface'

const [peer, other, relay] = fakePeers(3) as [PeerId, PeerId, PeerId]

test('each source and reporter of an address has its own report with count, first and last time and expiry', async t => {
  const { book, clock } = node()
  const begun = clock.now()

  t.is(book.observe(peer, addr(1), { source: 'identify' }), 1)
  await clock.advance(MINUTE)
  book.observe(peer, [addr(1)], { source: 'dht', reporter: other })
  await clock.advance(MINUTE)
  book.observe(peer, [addr(1)], { source: 'identify' })
  book.observe(peer, [addr(1)], { source: 'dht', reporter: relay })

  const [only, ...rest] = book.query(peer)
  t.deepEqual(rest, [])
  t.is(only?.multiaddr.toString(), addr(1).toString())
  t.false(only?.isCertified)
  t.deepEqual(only?.provenance, [
    { source: 'identify', reporter: undefined, seq: undefined, count: 2, firstSeen: begun, lastSeen: begun + 2 * MINUTE, expires: begun + 2 * MINUTE + HOUR },
    { source: 'dht', reporter: other.toString(), seq: undefined, count: 1, firstSeen: begun + MINUTE, lastSeen: begun + MINUTE, expires: begun + 3 * MINUTE },
    { source: 'dht', reporter: relay.toString(), seq: undefined, count: 1, firstSeen: begun + 2 * MINUTE, lastSeen: begun + 2 * MINUTE, expires: begun + 4 * MINUTE }
  ])
})

test('removeReports() removes a source\'s reports of all peers, of one peer, or of one reporter', t => {
  const { book } = node()
  book.observe(peer, addrs(1, 3), { source: 'dht', reporter: relay })
  book.observe(peer, addr(1), { source: 'dht', reporter: other })
  book.observe(peer, addr(1), { source: 'user' })
  book.observe(other, addr(3), { source: 'dht', reporter: relay })

  t.is(book.removeReports('dht', { peer, reporter: relay }), 2)
  t.deepEqual(known(book, peer), { [addr(1).toString()]: ['dht', 'user'] })
  t.is(book.removeReports('dht'), 2)
  t.deepEqual(known(book, peer), { [addr(1).toString()]: ['user'] })
  t.deepEqual(known(book, other), {})
  t.is(book.removeReports('user', { peer: other }), 0)
  t.is(book.removeReports('user'), 1)
  t.is(book.size, 0)
})

test('forget() removes all reports of a peer except excluded, pinned and connected addresses', async t => {
  const { book, connect, disconnect } = node()
  await book.start()
  book.observe(peer, addrs(1, 5), { source: 'user' })
  book.observe(peer, addrs(1, 5), { source: 'dht', reporter: other })
  book.observe(other, addr(1), { source: 'user' })
  const pin = book.owner('test').pin(peer, { addresses: [addr(2)] })
  const connection = connect(peer, addr(3))

  book.forget(peer, { except: [addr(1).encapsulate(`/p2p/${peer}`)] })
  t.deepEqual(known(book, peer), { [addr(1).toString()]: ['user', 'dht'], [addr(2).toString()]: [], [addr(3).toString()]: [] })
  disconnect(connection)
  pin.release()
  book.forget(peer)
  t.deepEqual(known(book, peer), {})
  t.deepEqual(known(book, other), { [addr(1).toString()]: ['user'] })
  await book.stop()
})

test('invalidate() suspends the reports of an address at which another peer answered, except those of the user', t => {
  const { book } = node()
  book.observe(peer, addrs(1, 4), { source: 'identify' })
  book.observe(peer, addr(2), { source: 'user' })

  book.invalidate(peer, addr(1))
  book.invalidate(peer, addr(2).encapsulate(`/p2p/${peer.toString()}`))
  book.invalidate(other, addr(3))
  t.deepEqual(known(book, peer), { [addr(2).toString()]: ['user'], [addr(3).toString()]: ['identify'] })
})
