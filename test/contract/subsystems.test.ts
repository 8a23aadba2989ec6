// Requirements that this project began with, on real nodes: subsystems that share an address book
import { identify } from '@libp2p/identify'
import test from 'ava'
import { withSource } from '../../src/address-book/index.ts'
import { source } from '../../src/stages/index.ts'
import { VirtualClock } from '../../src/testing/index.ts'
import { leadsTo } from '../libp2p/kit.ts'
import { dials, NOTHING, strangers, wish } from './wishing.ts'
import type { PeerId } from '@libp2p/interface'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

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
  const deadAddress = await dead()
  book.observe(peer, deadAddress, { source: 'identify' })
  await node.dial(live)
  await clock.advance(5 * HOUR)
  t.deepEqual(Object.keys(booked()).toSorted(), [live, deadAddress].map(String).toSorted())

  await node.hangUp(peer)
  await clock.advance(9 * MINUTE)
  t.deepEqual(Object.keys(booked()).toSorted(), [live, deadAddress].map(String).toSorted())
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
  t.is(book.owner('replication').pin(strangers(1)[0] as PeerId, { addresses: [live.decapsulate('/p2p')] }).state, 'held')
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

test.serial('a subsystem that writes 10,000 peers evicts no peer that the node needs', async t => {
  const { node, book, peer, remote, live, seal } = await wish(t, { isAttributed: true })
  const address = live.decapsulate('/p2p')
  const [pinned, later] = strangers(2) as [PeerId, PeerId]
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
