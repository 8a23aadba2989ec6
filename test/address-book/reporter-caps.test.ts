import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { fc, testProp } from '@fast-check/ava'
import { dose } from '../support/dose.ts'
import { addr, addrs, candidateOf, fakePeers, node, SECOND, texts } from './kit.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const [peer, reporter, other, third, ...others] = fakePeers(24) as [PeerId, PeerId, PeerId, PeerId, ...PeerId[]]

/** Returns an address that is unlikely to be reachable, of varying scope */
function unlikely (n: number): Multiaddr {
  const hosts = ['/ip4/10.0.0.', '/ip4/127.0.0.', '/ip4/169.254.169.', '/ip4/192.168.1.', '/ip4/224.0.0.', '/ip4/0.0.0.', '/ip6/fe80::', '/ip6/fd00::']

  return multiaddr(`${hosts[n % hosts.length]}${n % 256}/tcp/${4001 + Math.floor(n / 256)}`)
}

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

test('a report that is refused at the limit of addresses evicts no report at the limit of its source', async t => {
  const { book, clock } = node()
  book.observe(peer, addrs(0, 64), { source: 'identify', reporter: peer })
  book.observe(peer, addrs(0, 16), { source: 'dht' })
  await clock.advance(SECOND)
  t.is(book.observe(peer, addr(100), { source: 'dht' }), 0)
  t.is(book.query(peer).filter(({ provenance }) => provenance.some(({ source }) => source === 'dht')).length, 16)
})

for (const [what, max, report] of [
  [' that a reporter names', 8, (multiaddrs: Multiaddr[]) => node().book.observe(peer, multiaddrs, { source: 'routing', reporter })],
  [' that the DHT names', 16, (multiaddrs: Multiaddr[]) => node().book.observe(peer, multiaddrs, { source: 'dht' })],
  [' that it was seen to connect from', 4, (multiaddrs: Multiaddr[]) => node().book.observe(peer, multiaddrs, { source: 'observed' })],
  ['', 64, (multiaddrs: Multiaddr[]) => node().book.observe(peer, multiaddrs, { source: 'mine' })]
] as const) {
  test(`the book keeps ${max} addresses of a peer${what}, and no more`, t => {
    t.is(report(addrs(0, max)), max)
    t.is(report(addrs(0, max + 1)), max)
  })
}

test('a reporter at its cap of 8 addresses evicts its own, and no other, at the cap of the DHT', async t => {
  const { book, clock } = node()
  book.observe(peer, addrs(0, 8), { source: 'dht', reporter: other })
  await clock.advance(SECOND)
  book.observe(peer, addrs(8, 16), { source: 'dht', reporter })
  await clock.advance(SECOND)
  t.is(book.observe(peer, addr(16), { source: 'dht', reporter }), 1)
  t.deepEqual(texts(book, peer), [...addrs(0, 8), ...addrs(9, 17)].map(String))
})
