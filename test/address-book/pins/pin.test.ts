import test from 'ava'
import { addr, addrs, candidateOf, fakePeers, HOUR, known, MINUTE, node, SECOND, texts } from '../kit.ts'
import type { PeerId } from '@libp2p/interface'

const [peer, other] = fakePeers(2) as [PeerId, PeerId]

test('a pin keeps its addresses and their reports beyond expiry, and no other addresses', async t => {
  const { book, clock } = node()
  book.observe(peer, addrs(1, 3), { source: 'dht' })
  const pin = book.owner('dcutr').pin(peer, { addresses: [addr(1).encapsulate(`/p2p/${peer.toString()}`)], ttl: HOUR })

  t.is(pin.expires, clock.now() + HOUR)
  await clock.advance(HOUR - 1)
  t.deepEqual(known(book, peer), { [addr(1).toString()]: ['dht'] })
  t.is(book.query(peer)[0]?.provenance[0]?.expires, clock.now() + 1)
  t.regex(book.explain(peer), /pinned by dcutr until/)
  t.is(pin.state, 'held')
  await clock.advance(1)
  t.deepEqual(texts(book, peer), [])
  t.is(pin.state, 'released', 'a forgotten pin ends by itself')
  t.is(book.size, 0)
  t.false(pin.signal.aborted)
  t.false(pin.renew())
})

test('pinning a peer covers addresses that it gets later, and pinning unknown addresses adds them without a report', async t => {
  const { book, clock } = node()
  const owner = book.owner('dcutr')
  book.observe(peer, addr(1), { source: 'dht' })
  owner.pin(peer)
  book.observe(peer, addr(2), { source: 'dht' })
  owner.pin(other, { addresses: [addr(3)] })

  await clock.advance(10 * MINUTE)
  t.deepEqual(texts(book, peer), addrs(1, 3).map(String))
  t.deepEqual(known(book, other), { [addr(3).toString()]: [] })
  book.removeReports('dht')
  t.deepEqual(known(book, peer), { [addr(1).toString()]: [], [addr(2).toString()]: [] }, 'nobody stands for them now, and they are pinned')
})

test('an address expires when its last pin is released, and releasing a pin twice counts once', async t => {
  const { book, clock } = node()
  const dcutr = book.owner('dcutr')
  book.observe(peer, addr(1), { source: 'dht' })
  const first = dcutr.pin(peer, { addresses: [addr(1)] })
  const second = dcutr.pin(peer, { addresses: [addr(1)] })
  const third = book.owner('relay').pin(peer, { addresses: [addr(1)] })
  await clock.advance(5 * MINUTE)

  first.release()
  first.release()
  t.is(dcutr.usage.pins, 1)
  third.release()
  t.is(book.query(peer).length, 1)
  t.is(second.state, 'held')
  { using held = second; t.is(held.state, 'held') }
  t.is(second.state, 'released')
  t.is(book.query(peer).length, 0)
  t.is(book.size, 0)
  t.deepEqual(dcutr.usage, { pins: 0, peers: 0, addresses: 0 })
})

test('a pin can be renewed, is released by its signal, and leaves no listener on it', async t => {
  const { book, clock } = node({ pins: { owners: { dcutr: { maxTtl: 2 * HOUR } } } })
  const owner = book.owner('dcutr')
  const controller = new AbortController()
  let listeners = 0
  const { signal } = controller
  const { addEventListener, removeEventListener } = signal
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => { listeners++; addEventListener.apply(signal, args) }
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => { listeners--; removeEventListener.apply(signal, args) }

  const pin = owner.pin(peer, { addresses: [addr(1)], ttl: MINUTE, signal })
  t.is(listeners, 1)
  await clock.advance(30 * SECOND)
  t.true(pin.renew())
  await clock.advance(50 * SECOND)
  t.is(pin.state, 'held')
  t.true(pin.renew(2 * HOUR))
  t.throws(() => pin.renew(2 * HOUR + 1), { name: 'InvalidParametersError' })
  await clock.advance(HOUR)
  t.is(pin.state, 'held')
  controller.abort()
  t.is(pin.state, 'released')
  t.is(listeners, 0)
  t.is(book.size, 0)
  t.throws(() => owner.pin(peer, { signal }), { name: 'AbortError' })

  const forgotten = owner.pin(peer, { addresses: [addr(1)], ttl: MINUTE, signal: new AbortController().signal })
  await clock.advance(2 * MINUTE)
  t.deepEqual(owner.usage, { pins: 0, peers: 0, addresses: 0 })
  t.is(forgotten.state, 'released')
  t.deepEqual(owner.usage, { pins: 0, peers: 0, addresses: 0 })
})

test('the TTL of a pin made while the peer is connected starts at the disconnect', async t => {
  const { book, clock, connect, disconnect } = node()
  await book.start()
  const connection = connect(peer, addr(1))
  const owner = book.owner('dcutr')
  const pin = owner.pin(peer, { addresses: [addr(1)], ttl: 30 * MINUTE })
  t.is(pin.expires, Infinity)
  await clock.advance(5 * HOUR)
  t.is(pin.state, 'held')
  disconnect(connection)
  t.is(pin.expires, clock.now() + 30 * MINUTE)
  await clock.advance(10 * MINUTE)
  disconnect(connect(peer, addr(2)))
  t.is(pin.expires, clock.now() + 20 * MINUTE, 'it has begun')
  await clock.advance(20 * MINUTE - 1)
  t.is(pin.state, 'held')
  await clock.advance(1)
  t.is(pin.state, 'released')
  await book.stop()
})

test('pinning adds no report, no certificate and no statistics to an address', t => {
  const { book } = node()
  book.owner('dcutr').pin(peer, { addresses: [addr(1)] })
  book.attempted(candidateOf(peer, addr(1)), 'connected')
  t.deepEqual(book.query(peer).map(({ isCertified, provenance }) => [isCertified, provenance]), [[false, []]])
  t.deepEqual(book.stats(), {})
})

test('a pin expires after an hour by default, and renew() starts another hour', async t => {
  const { book, clock } = node()
  const pin = book.owner('dcutr').pin(peer)
  t.is(pin.expires, clock.now() + HOUR)
  await clock.advance(30 * MINUTE)
  t.true(pin.renew())
  t.is(pin.expires, clock.now() + HOUR)
})
