import test from 'ava'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { addr, addrs, candidateOf, fakePeers, HOUR, known, MINUTE, node, SECOND, texts } from './kit.ts'
import type { PeerId } from '@libp2p/interface'

const [peer] = fakePeers(1) as [PeerId]

const times: Array<[source: string, ttl: number]> = [
  ['user', Infinity], ['bootstrap', Infinity], ['dialled', 24 * HOUR], ['identify', HOUR], ['routing', 15 * MINUTE],
  ['observed', 15 * MINUTE], ['mdns', 2 * MINUTE], ['dht', 2 * MINUTE], ['pubsub', 2 * MINUTE], ['derived', 2 * MINUTE], ['of an application', 2 * MINUTE],
  // names of properties that every object has
  ['constructor', 2 * MINUTE], ['__proto__', 2 * MINUTE]
]

for (const [source, ttl] of times) {
  test(`a report of source ${source} expires after ${ttl} ms`, async t => {
    const { book, clock } = node()
    t.is(source === 'dialled' ? book.recordDialled(peer, [addr(1)]) : book.observe(peer, addr(1), { source }), 1)

    if (ttl < Infinity) {
      await clock.advance(ttl - 1)
      t.is(book.query(peer).length, 1)
      await clock.advance(1)
      t.is(book.query(peer).length, 0)
      t.is(book.size, 0)
    } else {
      await clock.advance(1_000 * HOUR)
      t.is(book.query(peer)[0]?.provenance[0]?.expires, Infinity)
    }
  })
}

test('the TTL can be set for each source and each observation, and repeating never shortens it', async t => {
  const { book, clock } = node({ ttl: { dht: HOUR, own: 5 * SECOND } })
  book.observe(peer, addr(1), { source: 'dht' })
  book.observe(peer, addr(1), { source: 'dht', ttl: SECOND })
  book.observe(peer, addr(2), { source: 'own' })
  book.observe(peer, addr(3), { source: 'own', ttl: MINUTE })
  book.observe(peer, addr(4), { source: 'own', ttl: 0 })

  await clock.advance(5 * SECOND)
  t.deepEqual(texts(book, peer), [addr(1), addr(3)].map(String))
  await clock.advance(55 * SECOND)
  t.deepEqual(texts(book, peer), [addr(1)].map(String))
  await clock.advance(HOUR)
  t.deepEqual(texts(book, peer), [])
})

test('a report made in 2039 expires', async t => {
  const { book, clock } = node({ clock: new VirtualClock(Date.UTC(2039, 0)) })
  await book.start()
  book.observe(peer, addr(1), { source: 'dht' })
  book.observe(peer, addr(2), { source: 'user' })
  await clock.advance(HOUR)
  t.deepEqual(texts(book, peer), [addr(2).toString()])
  await book.stop()
})

test('reports expire one by one, and an address is kept until its last report expires', async t => {
  const { book, clock } = node()
  book.observe(peer, addr(1), { source: 'identify' })
  book.observe(peer, addrs(1, 3), { source: 'dht' })

  await clock.advance(2 * MINUTE)
  t.deepEqual(known(book, peer), { [addr(1).toString()]: ['identify'] })
})

test('hearsay expires 15 minutes after a successful attempt, and a failed attempt does not extend it', async t => {
  const { book, clock } = node()
  book.observe(peer, addrs(1, 4), { source: 'dht' })
  book.attempted(candidateOf(peer, addr(1)), 'connected')
  book.attempted(candidateOf(peer, addr(2)), 'failed')
  await clock.advance(15 * MINUTE - 1)
  t.deepEqual(texts(book, peer), [addr(1).toString()])
  await clock.advance(1)
  t.deepEqual(texts(book, peer), [])
})

test('a report with a TTL of 1 ms is kept to the end of that second, and one with a TTL of 0 is refused', async t => {
  const { book, clock } = node()
  t.is(book.observe(peer, addr(1), { source: 'mine', ttl: 1 }), 1)
  t.is(book.observe(peer, addr(2), { source: 'mine', ttl: 0 }), 0)
  t.is(texts(book, peer).length, 1)
  await clock.advance(SECOND)
  t.is(texts(book, peer).length, 0)
})

test('a report with an expiry of January 2093 or later never expires', t => {
  // expiries are seconds since 2025 in 31 bits
  const last = (1_735_689_600 + 0x7fff_ffff) * SECOND
  const { book } = node({ clock: new VirtualClock(last - HOUR) })
  book.observe(peer, addr(1), { source: 'mine', ttl: HOUR - SECOND })
  book.observe(peer, addr(2), { source: 'mine', ttl: HOUR })
  t.deepEqual(book.query(peer).map(({ provenance }) => provenance[0]?.expires), [last - SECOND, Infinity])
})
