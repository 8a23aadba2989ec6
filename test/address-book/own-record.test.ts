import { setTimeout } from 'node:timers/promises'
import { identify } from '@libp2p/identify'
import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { OwnRecord } from '../../src/address-book/own-record.ts'
import { openRecord } from '../../src/records/open-record.ts'
import { addressBook, withProvenance } from '../../src/address-book/index.ts'
import { settled, VirtualClock } from '../../src/testing/virtual-clock.ts'
import { createMemoryNode } from '../helpers/node.ts'
import { addr, addrs, MINUTE, newKey, node } from './kit.ts'
import type { Node } from './kit.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

async function addressesOf (envelope: Uint8Array | undefined): Promise<string[]> {
  const opened = await openRecord(envelope ?? new Uint8Array())

  return opened.status === 'opened' ? opened.record.multiaddrs.map(String) : [opened.text]
}

function newestOf ({ book, self }: Node): Uint8Array | undefined {
  return book.records(self).get(self.toString())?.envelope
}

test('ownRecord() seals the node\'s addresses, and records() of the node returns that record from then on', async t => {
  const made = node()
  made.listen(addrs(1, 3).map(one => one.encapsulate(`/p2p/${made.self.toString()}`)))
  t.is(newestOf(made), undefined)

  const record = await made.book.ownRecord()
  t.deepEqual(await addressesOf(record.envelope), addrs(1, 3).map(String))
  t.deepEqual(made.book.records(made.self).get(made.self.toString()), record)

  record.envelope.fill(0)
  t.deepEqual(await addressesOf(newestOf(made)), addrs(1, 3).map(String))
})

test('ownRecord() leaves out an announced address that ends in the id of another peer', async t => {
  const { book, listen, self } = node()
  const { peer } = await newKey()
  listen([addr(1).encapsulate(`/p2p/${peer}/p2p/${self}`), addr(2).encapsulate(`/p2p/${self}`)])
  t.deepEqual(await addressesOf((await book.ownRecord()).envelope), [addr(2).toString()])
})

test('ownRecord() returns the same record while the addresses stay, and a newer one after they change', async t => {
  const { book, listen } = node()
  listen([addr(1)])
  const [first, same] = await Promise.all([book.ownRecord(), book.ownRecord()])
  t.deepEqual(first, same)

  listen([addr(2)])
  const second = await book.ownRecord()
  t.true(second.seq > first.seq)
  t.deepEqual(await addressesOf(second.envelope), [addr(2).toString()])
})

test('ownRecord() returns a record with a higher seq after a minute', async t => {
  const made = node()
  const { book, clock, listen, self } = made
  listen([addr(1)])
  const { seq } = await book.ownRecord()
  await clock.advance(MINUTE - 1)
  t.is((await book.ownRecord()).seq, seq)

  await clock.advance(1)
  const [renewed, same] = await Promise.all([book.ownRecord(), book.ownRecord()])
  t.true(renewed.seq > seq)
  t.deepEqual(renewed, same)
  t.deepEqual(book.records(self).get(self.toString()), renewed)
})

test('the own record is renewed when the addresses change, after ownRecord() was called once', async t => {
  const made = node()
  await made.book.start()
  made.listen([addr(1)])
  await settled()
  t.is(newestOf(made), undefined)

  await made.book.ownRecord()
  made.listen([addr(2)])
  await settled()
  t.deepEqual(await addressesOf(newestOf(made)), [addr(2).toString()])

  await made.book.stop()
  t.is(made.events.listenerCount('self:peer:update'), 0)
})

test('records() returns the newer of two own records that are sealed concurrently', async t => {
  const made = node()
  made.listen([addr(1)])
  const first = made.book.ownRecord()
  made.listen([addr(2)])
  await Promise.all([made.book.ownRecord(), first])
  t.deepEqual(await addressesOf(newestOf(made)), [addr(2).toString()])
})

test('ownRecord() rejects with NotFoundError while the node has no addresses', async t => {
  const made = node()
  await made.book.start()
  await t.throwsAsync(made.book.ownRecord(), { name: 'NotFoundError', message: /it has no addresses/ })

  made.listen([addr(1)])
  await made.book.ownRecord()
  made.listen([])
  await settled()
  t.is(newestOf(made), undefined)
  t.regex(made.log.join(), /could not renew the record of this node/)
  await made.book.stop()
})

test('ownRecord() seals a newer record when the node has addresses again', async t => {
  const made = node()
  made.listen([addr(1)])
  const { seq } = await made.book.ownRecord()
  made.listen([])
  await t.throwsAsync(made.book.ownRecord(), { name: 'NotFoundError' })
  t.is(newestOf(made), undefined)
  made.listen([addr(1)])
  t.true((await made.book.ownRecord()).seq > seq)
  t.deepEqual(await addressesOf(newestOf(made)), [`${addr(1)}`])
})

test('ownRecord() seals again after the first signature failed', async t => {
  const { key, peer } = await newKey()
  let failures = 0
  const privateKey = Object.create(key, { sign: { value: (data: Uint8Array) => {
    if (++failures === 1) {
      throw new Error('locked')
    }

    return key.sign(data)
  } } })
  const own = new OwnRecord({ peerId: peer, privateKey, events: new EventTarget() as any, addressManager: { getAddresses: () => [addr(1)] } }, new VirtualClock(), (() => {}) as any)
  await t.throwsAsync(own.seal(), { message: 'locked' })
  t.deepEqual(await addressesOf((await own.seal()).envelope), [`${addr(1)}`])
})

test('ownRecord() seals at most 64 addresses', async t => {
  const { book, listen } = node()
  listen(addrs(0, 70))
  t.deepEqual(await addressesOf((await book.ownRecord()).envelope), addrs(0, 64).map(String))
})

test('ownRecord() seals as many of the first addresses as fit into 8,192 bytes', async t => {
  const { book, listen, self } = node()
  const long = (n: number): Multiaddr => multiaddr(`/dns4/${`${n}`.padStart(200, 'a')}/tcp/4001`)
  const all = Array.from({ length: 64 }, (_, n) => long(n))
  listen(all.map(one => one.encapsulate(`/p2p/${self}`)))
  const { envelope } = await book.ownRecord()
  const fitting = await addressesOf(envelope)
  t.deepEqual(fitting, all.slice(0, fitting.length).map(String))
  t.true(fitting.length > 30, `${fitting.length} addresses`)
  t.true(envelope.byteLength <= 8_192, `${envelope.byteLength} bytes`)
})

test('another node accepts the own record, and the node itself refuses it', async t => {
  const { key, peer } = await newKey()
  const [local, other] = await Promise.all([createMemoryNode(withProvenance({ privateKey: key })), createMemoryNode(withProvenance({}))])
  const { envelope, seq } = await local.services.addressBook.ownRecord()
  t.deepEqual(await other.services.addressBook.consumeRecord(envelope), { status: 'accepted', peerId: peer, seq, skipped: [] })
  t.deepEqual(other.services.addressBook.query(peer).map(({ multiaddr, isCertified }) => [`${multiaddr.toString()}/p2p/${peer}`, isCertified]), local.getMultiaddrs().map(one => [one.toString(), true]))
  t.like(await local.services.addressBook.consumeRecord(envelope), { status: 'refused', reason: 'own' })
  await Promise.all([local.stop(), other.stop()])
})

test('the own record has a higher seq than the one that identify sent before', async t => {
  const clock = new VirtualClock(Date.now())
  const [local, other] = await Promise.all([
    createMemoryNode(withProvenance({ services: { identify: identify(), addressBook: addressBook({ clock }) } })),
    createMemoryNode(withProvenance({ services: { identify: identify() } }))
  ])
  const { seq } = await local.services.addressBook.ownRecord()
  // identify seals its own record in a later millisecond
  await setTimeout(2)
  const identified = new Promise(resolve => { other.addEventListener('peer:identify', resolve, { once: true }) })
  await other.dial(local.getMultiaddrs())
  await identified
  await settled()
  const { [local.peerId.toString()]: known } = Object.fromEntries(other.services.addressBook.records(local.peerId))
  t.true((known?.seq ?? 0n) > seq, `${known?.seq}`)

  await other.hangUp(local.peerId)
  await clock.advance(MINUTE)
  const { envelope } = await local.services.addressBook.ownRecord()
  t.like(await other.services.addressBook.consumeRecord(envelope), { status: 'accepted' })
  await Promise.all([local.stop(), other.stop()])
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
