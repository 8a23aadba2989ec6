import test from 'ava'
import { addr, addrs, fakePeers, HOUR, MINUTE, node, texts } from '../kit.ts'
import { PinQuotaExceededError } from '../../../src/address-book/pins/pin.ts'
import type { PeerId } from '@libp2p/interface'

const peers = fakePeers(12)
const [peer, other, ...others] = peers as [PeerId, PeerId, ...PeerId[]]

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
  // `any`: a wrong value on purpose, which the check at run time refuses
  t.throws(() => (book.owner as any)('user', { maxPeers: Infinity, maxTtl: Infinity }), { name: 'InvalidParametersError', message: /^owner\(\) takes 1 argument.*: the node gives quotas, with addressBook\(\{ pins/ })

  for (const [name, most] of [['replication', 3], ['other', 1]] as const) {
    const owner = book.owner(name)
    peers.slice(0, most).forEach(peer => { owner.pin(peer) })
    t.throws(() => owner.pin(peers[most] as PeerId), { name: 'PinQuotaExceededError' }, name)
  }

  for (const pins of [{ default: { maxTtl: Infinity } }, { owners: { user: { maxPeers: -1 } } }, { owner: {} }, { owners: { user: { maxPins: 1 } } }, 7]) {
    // `any`: a wrong value on purpose, which the check at run time refuses
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
