import test from 'ava'
import { PinQuotaExceededError } from '../../src/address-book/pins/errors.ts'
import { WRONG_PEER_TIME } from '../../src/pipeline/dial-components.ts'
import { addr, addrs, candidateOf, HOUR, known, MINUTE, newPeers, node, SECOND, texts } from './kit.ts'
import type { Node } from './kit.ts'
import type { PeerId } from '@libp2p/interface'

const peers = await newPeers(12)
const [peer, other, ...others] = peers as [PeerId, PeerId, ...PeerId[]]

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

test('a pin is revoked when another peer has answered at all of its addresses', async t => {
  const { book, clock } = node()
  const owner = book.owner('dcutr')
  book.observe(peer, addrs(1, 4), { source: 'dht' })
  const two = owner.pin(peer, { addresses: addrs(1, 3) })
  const one = owner.pin(peer, { addresses: [addr(1)] })
  const whole = owner.pin(peer)

  book.invalidate(peer, addr(1))
  t.deepEqual([two.state, one.state, whole.state], ['held', 'revoked', 'held'])
  t.true(one.signal.aborted)
  t.is(texts(book, peer).length, 2)
  await clock.advance(5 * MINUTE)
  t.deepEqual(texts(book, peer), addrs(2, 4).map(String))

  book.invalidate(peer, addr(2))
  t.deepEqual([two.state, two.signal.aborted], ['revoked', true])
  t.deepEqual(texts(book, peer), [addr(3).toString()])
  t.is(one.signal.reason.name, 'AbortError')

  book.observe(peer, addr(2), { source: 'dht' })
  await clock.advance(3 * MINUTE)
  t.deepEqual(texts(book, peer), [addr(3).toString()], 'said again, it is not pinned again')
  whole.release()
  t.deepEqual(owner.usage, { pins: 0, peers: 0, addresses: 0 })
  t.is(book.size, 0)
})

test('a pin covers an address again an hour after another peer answered there', async t => {
  const { book, clock } = node()
  const owner = book.owner('dcutr')
  book.observe(peer, addrs(1, 3), { source: 'dht' })
  const pins = [owner.pin(peer, { ttl: 3 * HOUR }), owner.pin(other, { addresses: addrs(1, 3), ttl: 3 * HOUR })]
  const expires = (peer: PeerId): number | undefined => book.query(peer).find(({ multiaddr }) => multiaddr.equals(addr(1)))?.provenance[0]?.expires

  for (const one of [peer, other]) {
    book.invalidate(one, addr(1))
  }

  await clock.advance(WRONG_PEER_TIME - MINUTE)

  for (const one of [peer, other]) {
    book.observe(one, addr(1), { source: 'dht' })
  }

  await clock.advance(MINUTE - 1)
  t.deepEqual([peer, other].map(expires), [clock.now() + MINUTE + 1, clock.now() + MINUTE + 1], 'not pinned yet')
  await clock.advance(1)
  t.deepEqual([peer, other].map(expires), pins.map(pin => pin.expires))
  await clock.advance(HOUR)
  t.true(texts(book, peer).includes(addr(1).toString()))
})

for (const [what, name] of [
  ['the peer itself names it', ({ book }) => { book.observe(peer, addr(1), { source: 'identify', reporter: peer }) }],
  ['the user names it', ({ book }) => { book.observe(peer, addr(1), { source: 'user', ttl: MINUTE }) }],
  ['the peer has connected', ({ book, connect, disconnect }) => {
    disconnect(connect(peer, addr(9), 'inbound'))
    book.observe(peer, addr(1), { source: 'dht' })
  }]
] satisfies Array<[string, (node: Node) => void]>) {
  test(`a pin covers an address again at which another peer answered, once ${what}`, async t => {
    const made = node()
    const { book, clock } = made
    await book.start()
    book.observe(peer, addrs(1, 3), { source: 'dht' })
    book.owner('dcutr').pin(peer, { ttl: 3 * HOUR })
    book.invalidate(peer, addr(1))
    book.observe(peer, addr(1), { source: 'dht' })
    await clock.advance(5 * MINUTE)
    t.false(texts(book, peer).includes(addr(1).toString()), 'hearsay proves nothing')

    name(made)
    await clock.advance(2 * HOUR)
    t.true(texts(book, peer).includes(addr(1).toString()))
    await book.stop()
  })
}

test('pin() throws for an owner over its quota, and pins of other owners stay', async t => {
  const { book, clock } = node({ pins: { owners: { small: { maxPeers: 2, maxAddresses: 4 } } } })
  const small = book.owner('small')
  const large = book.owner('large')
  const kept = [large.pin(peer, { addresses: [addr(1)] }), small.pin(peer, { addresses: addrs(1, 4), ttl: MINUTE }), small.pin(other, { addresses: [addr(1)] })]

  t.throws(() => small.pin(other, { addresses: [addr(2)] }), { instanceOf: PinQuotaExceededError, name: 'PinQuotaExceededError', message: /small pins 4 addresses of 2 peers already/ })
  t.throws(() => small.pin(others[0] as PeerId), { instanceOf: PinQuotaExceededError })
  t.deepEqual(kept.map(({ state }) => state), ['held', 'held', 'held'])
  t.deepEqual(small.usage, { pins: 2, peers: 2, addresses: 4 })
  t.is(large.pin(others[0] as PeerId).state, 'held')

  await clock.advance(MINUTE)
  t.is(small.pin(others[1] as PeerId, { addresses: addrs(1, 4) }).state, 'held', 'of what has ended nothing counts')
  t.throws(() => small.pin(other), { instanceOf: PinQuotaExceededError })
  t.is(book.owner('small'), small, 'a service that starts again has its owner again')
})

test('an owner with evict: \'oldest\' has its oldest pin revoked for a new one that fits', t => {
  const { book } = node({ pins: { default: { maxPeers: 2, maxAddresses: 4, evict: 'oldest' } } })
  const owner = book.owner('cache')
  const [first, second] = [owner.pin(peer, { addresses: addrs(1, 3) }), owner.pin(other, { addresses: [addr(1)] })]
  const third = owner.pin(others[0] as PeerId)
  t.deepEqual([first, second, third].map(({ state }) => state), ['revoked', 'held', 'held'])
  t.throws(() => owner.pin(peer, { addresses: addrs(1, 6) }), { instanceOf: PinQuotaExceededError })
  t.deepEqual([second, third].map(({ state }) => state), ['held', 'held'], 'nothing is given up in vain')
})

test('all owners together can pin at most a quarter of the book', t => {
  const { book } = node({ maxPeers: 12 })
  const pins = peers.slice(0, 3).map((peer, i) => book.owner(`owner ${i}`).pin(peer, { addresses: [addr(1)] }))
  const late = book.owner('late')
  t.throws(() => late.pin(peers[3] as PeerId), { instanceOf: PinQuotaExceededError })
  t.is(late.pin(peer).state, 'held', 'that peer is pinned already')
  pins[1]?.release()
  t.is(late.pin(peers[3] as PeerId).state, 'held')
  t.throws(() => late.pin(peers[4] as PeerId), { instanceOf: PinQuotaExceededError })
  t.deepEqual(late.usage, { pins: 2, peers: 2, addresses: 2 })
})

for (const [maxPeers, most] of [[1, 1], [7, 1], [8, 2]] as const) {
  test(`${most} of ${maxPeers} peers can be pinned`, t => {
    const { book } = node({ maxPeers })
    const owner = book.owner('dcutr')
    peers.slice(0, most).forEach(peer => { t.is(owner.pin(peer).state, 'held') })
    t.throws(() => owner.pin(peers[most] as PeerId), { instanceOf: PinQuotaExceededError })
  })
}

test('pin() of an unknown peer takes 64 addresses at most', t => {
  const owner = node().book.owner('dcutr')
  t.throws(() => owner.pin(peer, { addresses: addrs(0, 65) }), { instanceOf: PinQuotaExceededError })
  t.is(owner.pin(peer, { addresses: addrs(0, 64) }).state, 'held')
})

test('a pin covers the address that was invalidated first again when it excludes more than 64', t => {
  const { book } = node()
  const pin = book.owner('dcutr').pin(peer)
  ;[addr(1), ...addrs(2, 65), addr(1), addr(65)].forEach(address => { book.invalidate(peer, address) })
  book.observe(peer, addrs(1, 3), { source: 'dht' })
  t.deepEqual(book.query(peer).map(({ provenance }) => provenance[0]?.expires === pin.expires), [false, true])
})

test('pin() throws when its addresses have no room beside reported ones', t => {
  const { book } = node()
  book.observe(peer, addrs(0, 63), { source: 'pubsub' })
  const owner = book.owner('dcutr')
  t.throws(() => owner.pin(peer, { addresses: addrs(100, 102) }), { instanceOf: PinQuotaExceededError })
  t.is(texts(book, peer).length, 63)
  t.is(owner.pin(peer, { addresses: addrs(100, 101) }).state, 'held')
})

test('pin() throws for a TTL out of range, no addresses, or an address of another peer', t => {
  const { book } = node()
  const owner = book.owner('dcutr')

  for (const ttl of [0, -1, NaN, Infinity, 24 * HOUR + 1]) {
    t.throws(() => owner.pin(peer, { ttl }), { name: 'InvalidParametersError' }, String(ttl))
  }

  t.throws(() => owner.pin(peer, { addresses: [] }), { name: 'InvalidParametersError' })
  t.throws(() => owner.pin(peer, { addresses: [addr(1).encapsulate(`/p2p/${other.toString()}`)] }), { name: 'InvalidParametersError', message: `${addr(1)}/p2p/${other} is no address of ${peer}` })
  t.deepEqual(owner.usage, { pins: 0, peers: 0, addresses: 0 })
})

test('quotas of owners come from the node\'s pins option, and owner() with quotas throws', t => {
  const { book } = node({ pins: { default: { maxPeers: 1 }, owners: { replication: { maxPeers: 3 } } } })
  t.throws(() => (book.owner as any)('user', { maxPeers: Infinity, maxTtl: Infinity }), { name: 'InvalidParametersError', message: /^owner\(\) takes 1 argument.*: the node gives quotas, with addressBook\(\{ pins/ })

  for (const [name, most] of [['replication', 3], ['other', 1]] as const) {
    const owner = book.owner(name)
    peers.slice(0, most).forEach(peer => { owner.pin(peer) })
    t.throws(() => owner.pin(peers[most] as PeerId), { name: 'PinQuotaExceededError' }, name)
  }

  for (const pins of [{ default: { maxTtl: Infinity } }, { owners: { user: { maxPeers: -1 } } }, { owner: {} }, { owners: { user: { maxPins: 1 } } }, 7]) {
    t.throws(() => node({ pins } as any), { name: 'InvalidParametersError' }, JSON.stringify(pins))
  }
})

test('at most 32 owners that the pins option does not name can be made', t => {
  const { book } = node({ pins: { owners: { replication: {} } } })
  Array.from({ length: 32 }, (_, n) => book.owner(`made up ${n}`))
  t.throws(() => book.owner('made up 32'), { name: 'PinQuotaExceededError', message: /name made up 32 in addressBook/ })
  t.is(book.owner('made up 7').name, 'made up 7')
  t.is(book.owner('replication').pin(peer).state, 'held')
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

test('explain() describes a pin that lasts longer than a Date can represent', t => {
  const { book } = node({ pins: { default: { maxTtl: Number.MAX_VALUE } } })
  book.owner('replication').pin(peer, { addresses: [addr(1)], ttl: Number.MAX_VALUE })
  t.true(book.explain(peer).endsWith('\n  pinned by replication until it is taken back'), book.explain(peer))
})
