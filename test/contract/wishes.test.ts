// The requirements for address provenance and signed records that this project began with: one test each, on real nodes
import { identify } from '@libp2p/identify'
import test from 'ava'
import { certifiedFirst, certifiedOnly } from '../../presets/index.ts'
import { withSource } from '../../src/address-book/index.ts'
import { byProvenance, dialable, fromKnown, pipeline, race, sequential, source } from '../../src/stages/index.ts'
import { VirtualClock } from '../../src/testing/index.ts'
import { leadsTo } from '../libp2p/kit.ts'
import { strangers, wish } from './wishing.ts'
import type { DialOptions, Libp2p, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

const NOTHING = { name: 'NoValidAddressesError' }

test('the provenance option of a dial decides which sources it accepts', async t => {
  const { node, book, peer, remote, live, dialled } = await wish(t)
  book.observe(peer, live, { source: 'tracker' })

  await t.throwsAsync(dials(node, peer, { provenance: ['user', 'certified'] }), NOTHING)
  await t.throwsAsync(dials(node, peer, { provenance: { exclude: ['tracker'] } }), NOTHING)
  t.deepEqual(dialled, [])
  leadsTo(t, await node.dial(peer, { provenance: ['tracker'] }), remote)
  await node.hangUp(peer)
  leadsTo(t, await node.dial(peer), remote)
})

for (const isAttributed of [false, true]) {
  const how = isAttributed ? ', with withProvenance()' : ''

  test(`a signed record does not remove the address that the user gave${how}`, async t => {
    const { node, book, peer, remote, live, dead, seal, stored } = await wish(t, { isAttributed })
    const [first, second] = [await dead(), await dead()]
    await node.peerStore.merge(peer, { multiaddrs: [live] })

    for (const [seq, signed] of [first, second].entries()) {
      t.is((await book.consumeRecord(await seal(seq + 1, signed))).status, 'accepted')
      t.deepEqual(await stored(), { [live.toString()]: false, [signed.toString()]: true })
    }

    leadsTo(t, await node.dial(peer), remote)
  })

  test(`the addresses of a signed record reach the peer store${how}`, async t => {
    const { node, book, peer, live, dead, seal, stored } = await wish(t, { isAttributed })
    const other = await dead()
    const envelope = await seal(1, live, other)
    await book.consumeRecord(envelope)

    t.deepEqual(await stored(), { [live.toString()]: true, [other.toString()]: true })
    t.deepEqual((await node.peerStore.get(peer)).peerRecordEnvelope, envelope)
  })

  test(`the newest record replaces the previous one in one step, in any order of arrival${how}`, async t => {
    const { node, book, peer, live, dead, seal, booked, stored } = await wish(t, { isAttributed })
    const [a, b, c] = [await dead(), await dead(), await dead()]
    const sets = [[a, b], [c], [live, b]].map(addresses => addresses.map(String).toSorted().join())
    const seen = new Set<string>()
    const look = (addresses: Iterable<string>): void => { seen.add([...addresses].toSorted().join()) }
    book.subscribe(peer, () => { look(Object.keys(booked())) })
    node.addEventListener('peer:update', ({ detail: { peer: { addresses } } }) => { look(addresses.map(({ multiaddr }) => `${multiaddr}/p2p/${peer}`)) })
    await book.consumeRecord(await seal(1, a, b))

    const [older, newer] = [await seal(2, c), await seal(3, live, b)]
    const results = await Promise.all([newer, older].map(async record => book.consumeRecord(record)))

    t.deepEqual(results.map(({ status }) => status), ['accepted', 'refused'])
    t.deepEqual(Object.keys(booked()).toSorted().join(), sets[2])
    t.deepEqual(Object.keys(await stored()).toSorted().join(), sets[2])
    t.deepEqual([...seen].filter(one => !sets.includes(one)), [], 'no moment has addresses of two records, or none')
    t.deepEqual([...book.records(peer).values()].map(({ seq }) => seq), [3n])
  })
}

test('identify does not remove the address that the user gave', async t => {
  const announced = (await (await wish(t)).dead()).decapsulate('/p2p')
  const { node, peer, remote, live, stored } = await wish(t, { isAttributed: true, services: { identify: identify() }, announce: [announced] })
  await node.peerStore.merge(peer, { multiaddrs: [live] })
  const identified = new Promise(resolve => { node.addEventListener('peer:identify', resolve, { once: true }) })
  await node.dial(peer)
  await identified
  await node.hangUp(peer)

  t.deepEqual(Object.keys(await stored()).toSorted(), [live.toString(), `${announced}/p2p/${peer}`].toSorted())
  leadsTo(t, await node.dial(peer), remote)
})

test('an address pinned by two subsystems is kept until both have released it', async t => {
  const clock = new VirtualClock()
  const { node, book, peer, remote, live } = await wish(t, { book: { clock } })
  book.observe(peer, live, { source: 'tracker' })
  const pins = ['replication', 'pubsub'].map(name => book.owner(name).pin(peer, { ttl: 10 * HOUR }))
  await clock.advance(5 * HOUR)

  for (const pin of pins) {
    leadsTo(t, await node.dial(peer), remote)
    await node.hangUp(peer)
    // removes all reports about the peer
    await node.peerStore.delete(peer)
    pin.release()
    // a second release has no effect
    pin.release()
  }

  t.deepEqual(book.query(peer), [])
  await t.throwsAsync(dials(node, peer), NOTHING)
})

test('addresses do not expire while the peer is connected, but ten minutes after the disconnect, and the dialled one after a day', async t => {
  const clock = new VirtualClock()
  const { node, book, peer, live, dead, booked } = await wish(t, { book: { clock } })
  const told = await dead()
  book.observe(peer, told, { source: 'identify' })
  await node.dial(live)
  await clock.advance(5 * HOUR)
  t.deepEqual(Object.keys(booked()).toSorted(), [live, told].map(String).toSorted())

  await node.hangUp(peer)
  await clock.advance(9 * MINUTE)
  t.deepEqual(Object.keys(booked()).toSorted(), [live, told].map(String).toSorted())
  await clock.advance(2 * MINUTE)
  t.deepEqual(booked(), { [live.toString()]: ['dialled'] })
  await clock.advance(23 * HOUR)
  t.deepEqual(booked(), { [live.toString()]: ['dialled'] })
  await clock.advance(HOUR)
  t.deepEqual(booked(), {})
})

test.serial('a subsystem that pins 5,000 peers gets its quota, and evicts nothing of others', async t => {
  const { node, book, peer, remote, live } = await wish(t)
  const mine = book.owner('replication').pin(peer, { addresses: [live] })
  const rogue = book.owner('rogue')
  const errors = new Set<string>()
  let held = 0

  for (const one of strangers(5_000)) {
    try {
      rogue.pin(one, { addresses: [live.decapsulate('/p2p')] })
      held++
    } catch (err: any) {
      errors.add(err.name)
    }
  }

  t.is(held, 256)
  t.deepEqual([...errors], ['PinQuotaExceededError'])
  t.is(mine.state, 'held')
  t.is(book.owner('replication').pin(strangers(1)[0] as any, { addresses: [live.decapsulate('/p2p')] }).state, 'held')
  leadsTo(t, await node.dial(peer), remote)
})

test('a subsystem cannot claim that an address is certified', async t => {
  const { node, book, peer, live, dialled } = await wish(t)

  t.throws(() => book.observe(peer, live, { source: 'certified' }), { name: 'InvalidParametersError' })
  t.throws(() => source('rogue', () => [live], { provenance: 'certified' }), { name: 'InvalidPipelineError' })
  t.throws(() => withSource('certified', () => {}), { name: 'InvalidParametersError' })
  await t.throwsAsync(node.dial(live, { source: 'certified' }), { name: 'InvalidParametersError' })
  t.deepEqual(dialled, [])
})

for (const isAttributed of [false, true]) {
  test(`an address that a subsystem marks as certified without a record is not dialled by certifiedOnly()${isAttributed ? ', with withProvenance()' : ''}`, async t => {
    const { node, peer, live, dialled } = await wish(t, { pipeline: certifiedOnly(), isAttributed })
    await node.peerStore.merge(peer, { addresses: [{ multiaddr: live, isCertified: true }] })

    await t.throwsAsync(dials(node, peer), NOTHING)
    t.deepEqual(dialled, [])
  })
}

for (const isAttributed of [false, true]) {
  test(`an address of an older record that a subsystem writes to the peer store is not dialled by certifiedOnly()${isAttributed ? ', with withProvenance()' : ''}`, async t => {
    const { node, book, peer, live, dead, dialled, seal } = await wish(t, { pipeline: certifiedOnly(), isAttributed })
    const replay = { addresses: [{ multiaddr: live, isCertified: true }], peerRecordEnvelope: await seal(1, live), protocols: [] }
    const refuses = await dead()
    await book.consumeRecord(await seal(2, refuses))
    await node.peerStore.patch(peer, replay)
    await t.throwsAsync(dials(node, peer))
    t.deepEqual(dialled.splice(0), [refuses.toString()])

    // a record without addresses leaves only its sequence number
    await book.consumeRecord(await seal(3))
    await node.peerStore.patch(peer, replay)
    await t.throwsAsync(dials(node, peer), NOTHING)
    t.deepEqual(dialled, [])
  })
}

test.serial('a subsystem that writes 10,000 peers evicts no peer that the node needs', async t => {
  const { node, book, peer, remote, live, seal } = await wish(t, { isAttributed: true })
  const address = live.decapsulate('/p2p')
  const [pinned, later] = strangers(2) as [any, any]
  await book.consumeRecord(await seal(1, live))
  const before = book.owner('replication').pin(pinned, { addresses: [address] })

  for (const one of strangers(10_000)) {
    await node.peerStore.merge(one, { multiaddrs: [address] })
  }

  t.is(before.state, 'held')
  t.is(book.query(pinned).length, 1)
  t.is(book.records(peer).size, 1)
  leadsTo(t, await node.dial(peer, { provenance: ['certified'] }), remote)
  t.is(book.owner('pubsub').pin(later, { addresses: [address] }).state, 'held')
  t.is((await book.consumeRecord(await seal(2, live))).status, 'accepted')
})

test('records() returns the records of several peers in one call', async t => {
  const { book } = await wish(t)
  const others = await Promise.all([1, 2, 3].map(async () => wish(t)))

  for (const { seal, live } of others.slice(0, 2)) {
    await book.consumeRecord(await seal(7, live))
  }

  const records = book.records(...others.map(({ peer }) => peer))
  t.deepEqual([...records.keys()].toSorted(), others.slice(0, 2).map(({ peer }) => peer.toString()).toSorted())

  for (const [, { envelope, seq }] of records) {
    t.is(seq, 7n)
    // the record can be passed on
    t.is((await others[2]?.book.consumeRecord(envelope))?.status, 'accepted')
  }
})

test('a record expires with the last address that it certifies', async t => {
  const clock = new VirtualClock()
  const { book, peer, live, dead, seal } = await wish(t, { book: { clock } })
  const [one, other] = [live, await dead()] as [Multiaddr, Multiaddr]
  await book.consumeRecord(await seal(1, one, other))

  book.removeReports('certified', { peer, multiaddr: one })
  t.is(book.records(peer).size, 1)
  book.removeReports('certified', { peer, multiaddr: other })
  t.is(book.records(peer).size, 0)

  await book.consumeRecord(await seal(2, one, other))
  await clock.advance(HOUR - MINUTE)
  t.is(book.records(peer).size, 1)
  await clock.advance(2 * MINUTE)
  t.is(book.records(peer).size, 0)
  t.is((await book.consumeRecord(await seal(1, one))).status, 'refused', 'it does not come back as an older one')
})

test('certifiedFirst() dials user-given and certified addresses, and others only when there are none', async t => {
  const { node, book, peer, remote, live, dead, seal, dialled } = await wish(t, { pipeline: certifiedFirst() })
  const [given, signed] = [await dead(), await dead()]
  book.observe(peer, live, { source: 'tracker' })

  leadsTo(t, await node.dial(peer), remote)
  await node.hangUp(peer)
  book.observe(peer, given, { source: 'user' })
  await book.consumeRecord(await seal(1, signed))
  dialled.length = 0
  await t.throwsAsync(dials(node, peer), { name: 'AggregateError' })
  t.deepEqual(dialled.toSorted(), [given, signed].map(String).toSorted())
})

test('a strict and a loose dial of one peer run concurrently, and neither decides for the other', async t => {
  const { node, book, peer, live, dead, seal, dialled } = await wish(t)
  const signed = await dead()
  book.observe(peer, live, { source: 'dht' })
  await book.consumeRecord(await seal(1, signed))

  const results = await Promise.allSettled([dials(node, peer, { provenance: ['certified'] }), dials(node, peer)])

  t.deepEqual(results.map(({ status }) => status), ['rejected', 'fulfilled'])
  t.deepEqual(dialled.toSorted(), [live, signed].map(String).toSorted(), 'they share what both dial')
})

test('a strict and a loose dial of one peer share a connection to an address that both accept', async t => {
  const { node, book, peer, live, seal, dialled } = await wish(t)
  await book.consumeRecord(await seal(1, live))

  const [strict, tolerant] = await Promise.all([node.dial(peer, { provenance: ['certified'] }), node.dial(peer)])

  t.is(strict, tolerant)
  t.deepEqual(dialled, [live.toString()])
})

test('a strict dial is not answered with the open connection of a loose one', async t => {
  const { node, book, peer, live } = await wish(t)
  book.observe(peer, live, { source: 'dht' })
  await dials(node, peer)

  await t.throwsAsync(dials(node, peer, { provenance: ['certified'] }), NOTHING)
  await t.notThrowsAsync(dials(node, peer, { provenance: ['dht'] }))
  await t.notThrowsAsync(dials(node, peer))
})

test('byProvenance() dials sources in the order that the pipeline names', async t => {
  const { node, book, peer, live, dead, seal, dialled } = await wish(t)
  const [given, signed] = [await dead(), await dead()]
  book.observe(peer, given, { source: 'user' })
  book.observe(peer, live, { source: 'dht' })
  await book.consumeRecord(await seal(1, signed))
  const orders = { user: given, certified: signed, dht: live }

  for (const names of [['certified', 'user', 'dht'], ['user', 'certified', 'dht']] as const) {
    const before = dialled.length
    await node.dial(peer, { pipeline: pipeline(fromKnown(), dialable(), byProvenance(...names), sequential(), race()) })
    await node.hangUp(peer)
    t.deepEqual(dialled.slice(before), names.map(name => orders[name].toString()))
  }
})

/** Dials without returning the connection, which would fill pages when a test fails */
async function dials (node: Libp2p, peer: PeerId, options?: DialOptions): Promise<void> {
  await node.dial(peer, options)
}
