// Requirements that this project began with, on real nodes: signed records
import test from 'ava'
import { certifiedOnly } from '../../presets/index.ts'
import { leadsTo } from '../libp2p/kit.ts'
import { dials, NOTHING, wish } from './wishing.ts'

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

for (const isAttributed of [false, true]) {
  const how = isAttributed ? ', with withProvenance()' : ''

  test(`an address that a subsystem marks as certified without a record is not dialled by certifiedOnly()${how}`, async t => {
    const { node, peer, live, dialled } = await wish(t, { pipeline: certifiedOnly(), isAttributed })
    await node.peerStore.merge(peer, { addresses: [{ multiaddr: live, isCertified: true }] })

    await t.throwsAsync(dials(node, peer), NOTHING)
    t.deepEqual(dialled, [])
  })

  test(`an address of an older record that a subsystem writes to the peer store is not dialled by certifiedOnly()${how}`, async t => {
    const { node, book, peer, live, dead, dialled, seal } = await wish(t, { pipeline: certifiedOnly(), isAttributed })
    const replay = { addresses: [{ multiaddr: live, isCertified: true }], peerRecordEnvelope: await seal(1, live), protocols: [] }
    const refuses = await dead()
    await book.consumeRecord(await seal(2, refuses))
    await node.peerStore.patch(peer, replay)
    await t.throwsAsync(dials(node, peer), { name: 'Error' })
    t.deepEqual(dialled.splice(0), [refuses.toString()])

    // a record without addresses leaves only its sequence number
    await book.consumeRecord(await seal(3))
    await node.peerStore.patch(peer, replay)
    await t.throwsAsync(dials(node, peer), NOTHING)
    t.deepEqual(dialled, [])
  })
}

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

test('a record is kept until the last address that it certifies is removed', async t => {
  const { book, peer, live, dead, seal } = await wish(t)
  const other = await dead()
  await book.consumeRecord(await seal(1, live, other))

  for (const [multiaddr, size] of [[live, 1], [other, 0]] as const) {
    book.removeReports('certified', { peer, multiaddr })
    t.is(book.records(peer).size, size)
  }
})
