// Requirements that this project began with, on real nodes: the provenance of addresses decides what is dialled
import test from 'ava'
import { certifiedFirst } from '../../presets/index.ts'
import { byProvenance, dialable, fromKnown, pipeline, race, sequential } from '../../src/stages/index.ts'
import { leadsTo } from '../libp2p/kit.ts'
import { dials, NOTHING, wish } from './wishing.ts'

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
