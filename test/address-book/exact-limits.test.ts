// each limit at exactly its value, and at one more
import { setImmediate } from 'node:timers/promises'
import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { KeyedMutex } from '../../src/address-book/keyed-mutex.ts'
import { candidate } from '../../src/pipeline/candidate.ts'
import { openRecord } from '../../src/records/open-record.ts'
import { sealRecord } from '../../src/records/seal-record.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { addr, addrs, candidateOf, fakePeers, HOUR, MINUTE, newKey, newPeers, node, SECOND, texts } from './kit.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const [peer, other, reporter] = await newPeers(3) as [PeerId, PeerId, PeerId]

test('the book holds 10,000 peers, and one more evicts one', t => {
  const { book } = node()
  fakePeers(10_000).forEach(peer => { book.observe(peer, addr(1), { source: 'pubsub' }) })
  t.is(book.size, 10_000)
  book.observe(peer, addr(1), { source: 'pubsub' })
  t.is(book.size, 10_000)
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

test('a reporter may name 64 peers that nobody else has named in a book of 100', t => {
  const { book } = node({ maxPeers: 100 })
  const [first, ...others] = fakePeers(65) as [PeerId, ...PeerId[]]
  const isKnown = (): boolean => book.query(first).length > 0
  ;[first, ...others.slice(0, 63)].forEach(peer => { book.observe(peer, addr(1), { source: 'dht', reporter }) })
  t.true(isKnown())
  t.is(book.size, 64)
  others.slice(63).forEach(peer => { book.observe(peer, addr(1), { source: 'dht', reporter }) })
  t.false(isKnown())
  t.is(book.size, 64)
})

test('the book remembers minimum seqs for 8 times maxPeers', async t => {
  for (const [others, isRefused] of [[14, true], [15, false]] as const) {
    const { book } = node({ maxPeers: 2 })
    const { key } = await newKey()
    const keys = await Promise.all(Array.from({ length: others }, newKey))
    await book.consumeRecord(await sealRecord(key, { seq: 2n, multiaddrs: [] }))

    for (const { key } of keys) {
      await book.consumeRecord(await sealRecord(key, { seq: 2n, multiaddrs: [] }))
    }

    t.is((await book.consumeRecord(await sealRecord(key, { seq: 1n, multiaddrs: [] }))).status, isRefused ? 'refused' : 'accepted', `${others}`)
  }
})

test('stats() holds up to 1,999 sources, and then drops the 1,000 oldest', t => {
  const { book } = node()
  const dialled = (n: number): number => {
    book.observe(peer, addr(1), { source: `made-up-${n}` })
    book.attempted(candidateOf(peer, addr(1)), 'failed')
    book.removeReports(`made-up-${n}`, { peer })

    return Object.keys(book.stats()).length
  }

  const counts = Array.from({ length: 2_000 }, (_, n) => dialled(n))
  t.deepEqual([counts[999], counts[1_998], counts[1_999]], [1_000, 1_999, 1_000])
})

test('query() returns the same multiaddr objects for the 1,024 peers that were queried last', t => {
  const { book } = node()
  const peers = fakePeers(1_024)
  const [first] = peers as [PeerId]
  peers.forEach(peer => { book.observe(peer, addr(1), { source: 'user' }) })
  const asked = book.query(first)[0]?.multiaddr
  peers.slice(0, 1_023).forEach(peer => { book.query(peer) })
  t.is(book.query(first)[0]?.multiaddr, asked)
})

test('query() caches the multiaddr object of a peer until 2,047 other peers are queried', t => {
  for (const [others, isSame] of [[2_046, true], [2_047, false]] as const) {
    const { book } = node()
    const [first, ...peers] = fakePeers(2_048) as [PeerId, ...PeerId[]]
    const all = [first, ...peers.slice(0, others)]
    all.forEach(peer => { book.observe(peer, addr(1), { source: 'user' }) })
    const asked = all.map(peer => book.query(peer)[0]?.multiaddr)
    t.is(book.query(first)[0]?.multiaddr === asked[0], isSame)
  }
})

test('an owner may pin 256 peers and 1,024 addresses for up to 24 hours by default', t => {
  const { book } = node()
  const peers = fakePeers(257)
  const wide = book.owner('wide')
  peers.slice(0, 256).forEach(peer => { wide.pin(peer, { ttl: 24 * HOUR }) })
  t.throws(() => wide.pin(peers[256] as PeerId), { name: 'PinQuotaExceededError', message: /of 1024 and 256 that it may$/ })
  t.throws(() => wide.pin(peers[0] as PeerId, { ttl: 24 * HOUR + 1 }), { name: 'InvalidParametersError' })
  t.is(wide.pin(peers[0] as PeerId).state, 'held')

  const deep = book.owner('deep')
  peers.slice(0, 16).forEach(peer => { deep.pin(peer, { addresses: addrs(0, 64) }) })
  t.is(deep.usage.addresses, 1_024)
  t.throws(() => deep.pin(peers[16] as PeerId, { addresses: [addr(1)] }), { name: 'PinQuotaExceededError' })
})

test('a pin expires after an hour by default, and renew() starts another hour', async t => {
  const { book, clock } = node()
  const pin = book.owner('dcutr').pin(peer)
  t.is(pin.expires, clock.now() + HOUR)
  await clock.advance(30 * MINUTE)
  t.true(pin.renew())
  t.is(pin.expires, clock.now() + HOUR)
})

test('a pin excludes up to 64 invalidated addresses, and one more brings the oldest back', t => {
  const { book, clock } = node()
  const pin = book.owner('dcutr').pin(peer)
  const isPinned = (): boolean => {
    book.observe(peer, addr(1), { source: 'dht' })

    return book.query(peer)[0]?.provenance[0]?.expires === pin.expires
  }

  addrs(1, 65).forEach(address => { book.invalidate(peer, address) })
  t.false(isPinned())
  book.invalidate(peer, addr(65))
  t.true(isPinned())
  t.is(pin.expires, clock.now() + HOUR)
})

test('a dialled report lists 16 sources, and no more', async t => {
  for (const [count, kept] of [[16, 16], [17, 16]] as const) {
    const { book, connect } = node()
    await book.start()
    const provenance = Array.from({ length: count }, (_, i) => ({ source: `tracker-${i}` }))
    book.attempted(candidate(addr(1), peer, { provenance }), 'connected', connect(peer, addr(1)))
    t.is(book.query(peer)[0]?.provenance[0]?.from?.length, kept)
    await book.stop()
  }
})

test('a report with an expiry of January 2093 or later never expires', t => {
  // expiries are seconds since 2025 in 31 bits
  const last = (1_735_689_600 + 0x7fff_ffff) * SECOND
  const { book } = node({ clock: new VirtualClock(last - HOUR) })
  book.observe(peer, addr(1), { source: 'mine', ttl: HOUR - SECOND })
  book.observe(peer, addr(2), { source: 'mine', ttl: HOUR })
  t.deepEqual(book.query(peer).map(({ provenance }) => provenance[0]?.expires), [last - SECOND, Infinity])
})

test('runAfter() waits for at most 64 functions of the key', async t => {
  const mutex = new KeyedMutex()
  let taken = 0
  let isOver = false
  const next = async (): Promise<void> => mutex.run('a', async () => {
    taken++
    await setImmediate()

    if (!isOver) {
      void next()
    }
  })
  void next()
  t.is(await mutex.runAfter('a', undefined, async () => {
    isOver = true

    return taken
  }), 65)
})

for (const [length, more, count] of [[93, 0, 64], [93, 1, 63]] as const) {
  test(`the node's own record holds ${count} addresses when they take 6,656 bytes and ${more} more`, async t => {
    const { book, listen } = node()
    const host = (n: number, length: number): Multiaddr => multiaddr(`/dns4/${`${n}`.padStart(length, 'a')}/tcp/4001`)
    t.is(host(0, length).bytes.byteLength + 6, 6_656 / 64)
    listen([...Array.from({ length: 63 }, (_, n) => host(n, length)), host(63, length + more)])
    const opened = await openRecord((await book.ownRecord()).envelope)
    t.is(opened.status === 'opened' ? opened.record.multiaddrs.length : 0, count)
  })
}

test('a disconnect keeps 20 addresses of the peer, and no more', async t => {
  for (const [count, kept] of [[20, 20], [21, 20]] as const) {
    const { book, connect, disconnect } = node()
    await book.start()
    book.observe(other, addrs(0, count), { source: 'identify' })
    disconnect(connect(other, addr(0), 'inbound'))
    t.is(texts(book, other).length, kept)
    await book.stop()
  }
})
